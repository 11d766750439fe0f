#include "core/build/build.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/sha256.h"
#include "base/time.h"
#include "core/build/builder.h"
#include "core/build/path_pattern.h"

namespace sockerless::core::build {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kShortId = 12;
constexpr std::string_view kIdPrefix = "sha256:";

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::string short_id(const std::string& id) { return id.empty() ? "" : id.substr(kIdPrefix.size(), kShortId); }

std::string now_text(Clock& clock) { return format_rfc3339_nano(clock.now()); }

// The state before the first step of FROM scratch.
ImageRecord scratch(const ImageSettings& settings) {
  ImageRecord image;
  image.architecture = settings.platform.architecture;
  image.os = settings.platform.os;
  image.source = ImageRecord::kScratch;
  return image;
}

}  // namespace

Build::Build(Builder& builder, BuildRequest request, FileTree context, Dockerfile file, Stages stages)
    : builder_(builder),
      request_(std::move(request)),
      context_(std::make_shared<const FileTree>(std::move(context))),
      file_(std::move(file)),
      stages_(std::move(stages)),
      arguments_(request_.arguments) {
  if (!request_.is_cached) salt_ = random_hex(kShortId);
  add_labels();
  steps_ = stages_.arguments.size();
  for (const Stage& stage : stages_.stages) steps_ += stage.commands.size() + 1;
}

Build::~Build() { builder_.release(kept_layers_); }

// --label is a LABEL at the end.
void Build::add_labels() {
  if (stages_.stages.empty()) return;
  for (const auto& [name, value] : request_.labels) {
    Command command{.pairs = {{name, value}}};
    command.instruction.keyword = "LABEL";
    command.instruction.text = fmt::format("LABEL {}={}", name, value);
    command.is_literal = true;
    stages_.stages.back().commands.push_back(std::move(command));
  }
}

Awaitable<std::string> Build::run(BuildOutput& output) {
  output_ = &output;
  for (const std::string& warning : file_.warnings) {
    co_await output.warn(fmt::format(
        "[WARNING]: {}\n[WARNING]: Empty continuation lines will become errors in a future release.\n", warning));
  }
  for (const Command& command : stages_.arguments) {
    co_await announce(command);
    apply_global_argument(command, file_.escape, arguments_);
  }
  for (const Stage& stage : stages_.stages) {
    co_await run_stage(stage);
    done_.push_back(std::move(stage_));
  }
  co_return co_await finish();
}

Awaitable<void> Build::announce(const Command& command) {
  co_await output_->say(fmt::format("Step {}/{} : {}", ++step_, steps_, command.instruction.text));
  co_await output_->say("\n");
}

Awaitable<void> Build::run_stage(const Stage& stage) {
  co_await announce(stage.from);
  co_await begin_stage(stage);
  for (const Command& command : stage.commands) {
    co_await announce(command);
    co_await run_command(command);
    co_await output_->say(fmt::format(" ---> {}\n", short_id(stage_.image.id)));
  }
  if (!stage_.image.id.empty()) co_await output_->made_image(stage_.image.id);
}

Awaitable<void> Build::begin_stage(const Stage& stage) {
  const std::string base =
      expand(stage.base, file_.escape, [&](std::string_view name) { return arguments_.global(name); });
  if (base.empty()) throw invalid(fmt::format("base name ({}) should not be blank", stage.base));
  arguments_.begin_stage();
  const auto earlier = std::find_if(done_.begin(), done_.end(), [&](const StageState& done) {
    return !done.name.empty() && done.name == to_lower(base);
  });
  if (earlier != done_.end()) {
    stage_ = *earlier;
    stage_.files = std::make_shared<FileTree>(*earlier->files);
  } else {
    stage_ = {};
    stage_.image = co_await base_image(stage, base);
    if (stage_.image.source.empty() && !stage_.image.tags.empty()) stage_.image.source = stage_.image.tags.front();
    if (stage_.image.base.empty()) stage_.image.base = stage_.image.id;
    stage_.files = co_await builder_.files_of(stage_.image.staged_layers);
  }
  stage_.name = stage.name;
  stage_.has_command = false;
  ContainerConfig& config = stage_.image.config;
  const bool has_path = std::any_of(config.env.begin(), config.env.end(),
                                    [](const std::string& line) { return line.starts_with("PATH="); });
  if (!has_path) config.env.push_back(std::string("PATH=") + kDefaultPath);
  if (!config.working_dir.empty()) stage_.folders.insert(clean_path(config.working_dir));
  for (const auto& [path, nothing] : config.volumes) stage_.folders.insert(clean_path(path));
  co_await run_triggers();
  co_await output_->say(fmt::format(" ---> {}\n", short_id(stage_.image.id)));
}

Awaitable<ImageRecord> Build::base_image(const Stage& stage, std::string name) {
  if (name == ImageRecord::kScratch) co_return scratch(builder_.images_.settings());
  std::optional<Platform> platform = request_.platform;
  if (const auto flag = stage.from.flags.find("platform"); flag != stage.from.flags.end()) {
    platform = parse_platform(
        expand(flag->second, file_.escape, [&](std::string_view variable) { return arguments_.global(variable); }));
  }
  co_return co_await find_image(std::move(name), platform);
}

Awaitable<ImageRecord> Build::find_image(std::string name, std::optional<Platform> platform) {
  if (!request_.pulls) {
    try {
      co_return builder_.images_.get(name);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
    }
  }
  const ImageReference reference = ImageReference::parse(name).with_default_tag();
  PullResult result = co_await builder_.images_.pull(reference, platform, request_.auth_for(reference));
  ImageRecord image = result.image;
  co_await output_->pulled(reference, std::move(result));
  co_return image;
}

Awaitable<void> Build::run_triggers() {
  const std::vector<std::string> triggers = std::exchange(stage_.image.config.on_build, {});
  if (triggers.empty()) co_return;
  co_await output_->say(
      fmt::format("# Executing {} build trigger{}", triggers.size(), triggers.size() == 1 ? "" : "s"));
  co_await output_->say("\n");
  for (const std::string& trigger : triggers) {
    co_await run_command(parse_command(parse_instruction(trigger, '\\'), '\\'));
  }
}

Awaitable<void> Build::run_command(Command command) {
  if (command.keyword() == "RUN") {
    co_await skip_run(std::move(command));
  } else if (command.keyword() == "COPY" || command.keyword() == "ADD") {
    co_await copy(std::move(command));
  } else {
    const Effect effect = apply_instruction(command, file_.escape, stage_, arguments_);
    if (!effect.note.empty()) co_await output_->say(effect.note);
    co_await commit({.comment = "#(nop) " + effect.comment});
  }
}

Awaitable<void> Build::skip_run(Command command) {
  for (const auto& [flag, value] : command.flags) {
    throw invalid(
        fmt::format("the --{} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn "
                    "how to build images with BuildKit enabled",
                    flag));
  }
  ++skipped_runs_;
  co_await output_->say(" ---> Not executed: RUN has no effect on an image that is built here\n");
  co_await commit({.comment = fmt::format("{}", fmt::join(command.words, " ")), .shows_container = false});
}

// Equal steps on equal images have equal ids, so that a second build makes the same image.
Awaitable<void> Build::commit(Step step) {
  ImageRecord& image = stage_.image;
  const std::string parent = image.id;
  const std::vector<std::string> values =
      step.comment.starts_with("#(nop)") ? std::vector<std::string>() : arguments_.all();
  const std::string with = values.empty() ? "" : fmt::format("|{} {} ", values.size(), fmt::join(values, " "));
  const std::string created_by = fmt::format("{}{} {}", with, fmt::join(shell_of(image.config), " "), step.comment);
  image.config.image = parent;
  image.id =
      std::string(kIdPrefix) + sha256_hex(fmt::format("{}\n{}\n{}{}\n{}\n{}", parent, fmt::join(image.digests, ","),
                                                      salt_, created_by, json::to_text(image.config), step.layer));
  if (is_known_step(image.id)) {
    co_await output_->say(" ---> Using cache\n");
  } else if (step.shows_container) {
    const std::string container = random_hex(kShortId / 2);
    co_await output_->say(fmt::format(" ---> Running in {}\n", container));
    co_await output_->say(fmt::format(" ---> Removed intermediate container {}\n", container));
  }
  image.size += step.size;
  if (!step.layer.empty()) {
    image.layers.push_back(step.layer);
    image.staged_layers.push_back(step.layer);
  }
  image.history.push_back(
      {.created = now_text(builder_.clock_), .created_by = created_by, .size = step.size, .id = image.id});
}

bool Build::is_known_step(const std::string& id) const {
  if (!request_.is_cached) return false;
  const std::vector<ImageRecord> images = builder_.images_.all();
  return std::any_of(images.begin(), images.end(), [&](const ImageRecord& image) {
    return std::any_of(image.history.begin(), image.history.end(),
                       [&](const ImageStep& step) { return step.id == id; });
  });
}

Awaitable<std::string> Build::finish() {
  if (const auto unused = arguments_.unused(); !unused.empty()) {
    co_await output_->say(
        fmt::format("[Warning] One or more build-args [{}] were not consumed\n", fmt::join(unused, " ")));
  }
  if (skipped_runs_ > 0) {
    co_await output_->warn(
        fmt::format("[Warning] {} RUN instruction{} not executed: the image lacks what {} would have "
                    "made; put that into the base image\n",
                    skipped_runs_, skipped_runs_ == 1 ? " was" : "s were", skipped_runs_ == 1 ? "it" : "they"));
  }
  if (done_.empty() || done_.back().image.id.empty()) {
    throw invalid("No image was generated. Is your Dockerfile empty?");
  }
  ImageRecord image = std::move(done_.back().image);
  const std::string id = image.id;
  const std::vector<ImageRecord> known = builder_.images_.all();
  if (std::none_of(known.begin(), known.end(), [&](const ImageRecord& other) { return other.id == id; })) {
    image.tags.clear();
    image.digests.clear();
    image.created = now_text(builder_.clock_);
    image.pulled_at = builder_.clock_.now().time_since_epoch().count();
    co_await builder_.images_.put(std::move(image));
  }
  for (const ImageReference& tag : request_.tags) co_await builder_.images_.tag(id, tag);
  co_return id;
}

}  // namespace sockerless::core::build
