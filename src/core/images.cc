#include "core/images.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/sha256.h"
#include "core/errors.h"

namespace sockerless::core {
namespace {

const Logger log("images");

constexpr const char* kTable = "images";
constexpr std::string_view kIdPrefix = "sha256:";
constexpr std::size_t kShortDigest = 12;

bool is_hexadecimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string short_id(const ImageRecord& image) { return image.id.substr(kIdPrefix.size(), kShortDigest); }

// Whether the text that has found the image is its id, or the beginning of it.
bool is_id_of(std::string_view text, const ImageRecord& image) {
  if (text.starts_with(kIdPrefix)) return true;
  return is_hexadecimal(text) && image.id.substr(kIdPrefix.size()).starts_with(text) &&
         std::count(image.tags.begin(), image.tags.end(), std::string(text) + ":latest") == 0;
}

Healthcheck to_record(const HealthcheckConfig& check) {
  return {.test = check.test,
          .interval = check.interval.count(),
          .timeout = check.timeout.count(),
          .start_period = check.start_period.count(),
          .start_interval = check.start_interval.count(),
          .retries = check.retries};
}

ContainerConfig to_record(const ImageConfig& config) {
  ContainerConfig record;
  record.user = config.user;
  record.env = config.env;
  record.cmd = Words(config.command);
  if (!config.entrypoint.empty()) record.entrypoint = Words(config.entrypoint);
  record.working_dir = config.working_dir;
  for (const auto& port : config.exposed_ports) record.exposed_ports[port];
  for (const auto& volume : config.volumes) record.volumes[volume];
  record.labels = config.labels;
  record.stop_signal = config.stop_signal;
  record.shell = config.shell;
  record.on_build = config.on_build;
  record.args_escaped = config.args_escaped;
  if (config.healthcheck) record.healthcheck = to_record(*config.healthcheck);
  return record;
}

// Layers belong to the steps that are not empty, in order.
std::vector<ImageStep> history_of(const FetchedImage& fetched) {
  std::vector<ImageStep> history;
  auto layer = fetched.layers.begin();
  for (const ImageHistory& step : fetched.history) {
    history.push_back({.created = step.created, .created_by = step.created_by, .comment = step.comment});
    if (step.empty_layer || layer == fetched.layers.end()) continue;
    history.back().size = layer->size;
    ++layer;
  }
  return history;
}

void fill(ImageRecord& image, const FetchedImage& fetched, const ImageReference& reference) {
  image.history = history_of(fetched);
  image.created = fetched.created;
  image.author = fetched.author;
  image.architecture = fetched.platform.architecture;
  image.os = fetched.platform.os;
  image.variant = fetched.platform.variant;
  image.size = fetched.size;
  image.layers = fetched.diff_ids;
  image.config = to_record(fetched.config);
  image.digests = {reference.familiar_name() + "@" + fetched.digest};
  image.synthetic = false;
}

// A record of a version that kept no history: a step for each layer, as Docker shows images without one.
std::vector<ImageStep> unknown_history(const ImageRecord& image) {
  return std::vector<ImageStep>(
      image.layers.size(),
      {.created = image.created, .comment = "pulled by a version that kept no history; pull again to see it"});
}

}  // namespace

Images::Images(Clock& clock, Store& store, Events& events, ImageSource& source, ImageSettings settings)
    : clock_(clock), store_(store), events_(events), source_(source), settings_(settings) {}

void Images::recover() {
  for (auto& [id, document] : store_.load(kTable)) {
    ImageRecord image = read_row<ImageRecord>(kTable, id, document);
    if (image.history.empty()) image.history = unknown_history(image);
    by_id_[id] = std::move(image);
  }
}

std::vector<std::string> Images::staged_layers() const {
  std::vector<std::string> digests;
  for (const auto& [id, image] : by_id_) {
    digests.insert(digests.end(), image.staged_layers.begin(), image.staged_layers.end());
  }
  return digests;
}

std::int64_t Images::size_of(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? 0 : found->second.size;
}

Awaitable<PullResult> Images::pull(ImageReference reference, std::optional<Platform> platform, RegistryAuth auth) {
  reference = reference.with_default_tag();
  PullResult result;
  ImageRecord image;
  const Platform wanted = platform.value_or(settings_.platform);
  image.id = std::string(kIdPrefix) + sha256_hex(reference.canonical());
  image.architecture = wanted.architecture;
  image.os = wanted.os;
  image.created = "0001-01-01T00:00:00Z";
  image.synthetic = true;
  if (settings_.fetch_config) {
    try {
      const FetchedImage fetched = co_await source_.fetch(reference, wanted, std::move(auth));
      fill(image, fetched, reference);
      result.digest = fetched.digest;
      result.layers = fetched.layers;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) throw;
      result.warning = fmt::format(
          "the registry of {} could not be asked for the image's configuration ({}); containers of "
          "it need an explicit command",
          reference.familiar(), error.what());
      log.warn("image is synthetic", {{"image", reference.familiar()}, {"error", error.what()}});
    }
  }
  if (!reference.tag().empty()) image.tags = {reference.familiar()};
  image.source = reference.familiar();
  image.pulled_at = clock_.now().time_since_epoch().count();
  for (const std::string& name : std::vector(image.tags)) co_await take_name(name, image.id);
  const auto known = by_id_.find(image.id);
  result.was_present = known != by_id_.end() && known->second.digests == image.digests;
  // Names that it was given here stay its own.
  if (known != by_id_.end()) {
    for (const std::string& name : known->second.tags) {
      if (std::count(image.tags.begin(), image.tags.end(), name) == 0) image.tags.push_back(name);
    }
  }
  by_id_[image.id] = image;
  co_await save(image.id);
  events_.publish({"image", "pull", reference.familiar(), {{"name", reference.familiar_name()}}, {}});
  result.image = std::move(image);
  co_return result;
}

Awaitable<FetchedImage> Images::look_up(ImageReference reference, RegistryAuth auth) {
  co_return co_await source_.fetch(reference.with_default_tag(), settings_.platform, std::move(auth));
}

const ImageRecord* Images::find(std::string_view reference) const {
  std::string_view digits = reference;
  if (digits.starts_with(kIdPrefix)) digits.remove_prefix(kIdPrefix.size());
  if (reference.starts_with(kIdPrefix) && !is_hexadecimal(digits)) return nullptr;
  const bool is_whole_id = digits.size() == 64 && is_hexadecimal(digits);
  if (!reference.starts_with(kIdPrefix) && !is_whole_id) {
    const ImageReference parsed = ImageReference::parse(reference).with_default_tag();
    const std::string familiar = parsed.familiar();
    const std::string digest = parsed.familiar_name() + "@" + parsed.digest();
    for (const auto& [id, image] : by_id_) {
      if (std::count(image.tags.begin(), image.tags.end(), familiar) > 0) return &image;
      if (!parsed.digest().empty() && std::count(image.digests.begin(), image.digests.end(), digest) > 0) {
        return &image;
      }
    }
  }
  if (!is_hexadecimal(digits) || digits.size() > 64) return nullptr;
  const std::string prefix = std::string(kIdPrefix) + std::string(digits);
  const auto first = by_id_.lower_bound(prefix);
  if (first == by_id_.end() || !first->first.starts_with(prefix)) return nullptr;
  return &first->second;
}

ImageRecord Images::get(std::string_view reference) const {
  if (const ImageRecord* image = find(reference)) return *image;
  const bool is_id = reference.starts_with(kIdPrefix) || is_hexadecimal(reference);
  throw no_such_image(is_id ? std::string(reference) : ImageReference::parse(reference).with_default_tag().familiar());
}

std::vector<ImageRecord> Images::all() const {
  std::vector<ImageRecord> images;
  for (const auto& [id, image] : by_id_) images.push_back(image);
  std::stable_sort(images.begin(), images.end(),
                   [](const auto& left, const auto& right) { return left.created > right.created; });
  return images;
}

Awaitable<ImageRemoval> Images::remove(std::string reference, bool force, FindUser find_user) {
  const ImageRecord image = get(reference);
  const bool by_id = is_id_of(reference, image);
  const std::string name = by_id ? reference : ImageReference::parse(reference).with_default_tag().familiar();
  if (!by_id && image.tags.size() > 1) {
    co_await untag(image.id, name);
    co_return ImageRemoval{{name}, {}};
  }
  if (by_id && image.tags.size() > 1 && !force) {
    throw Error(ErrorKind::conflict,
                fmt::format("conflict: unable to delete {} (must be forced) - image is referenced in multiple "
                            "repositories",
                            short_id(image)));
  }
  // Docker lets nobody take an image from under a container that runs.
  if (const auto user = find_user(image.id); user && (user->is_running || !force)) {
    throw Error(ErrorKind::conflict,
                fmt::format("conflict: unable to delete {} ({} be forced) - {}container {} is using its {}image {}",
                            by_id ? short_id(image) : name, user->is_running && by_id ? "cannot" : "must",
                            by_id && user->is_running ? "image is being used by running " : "",
                            user->container_id.substr(0, kShortDigest), by_id ? "" : "referenced ", short_id(image)));
  }
  co_return co_await forget(image.id);
}

Awaitable<ImageRemoval> Images::forget(std::string id) {
  const ImageRecord image = get(id);
  ImageRemoval removal{image.tags, {image.id}};
  removal.untagged.insert(removal.untagged.end(), image.digests.begin(), image.digests.end());
  by_id_.erase(image.id);
  co_await store_.erase(kTable, image.id);
  for (const std::string& tag : image.tags) {
    events_.publish({"image", "untag", image.id, {{"name", tag}}, {}});
  }
  events_.publish({"image", "delete", image.id, {{"name", image.id}}, {}});
  forgotten_(image);
  co_return removal;
}

Awaitable<void> Images::tag(std::string reference, ImageReference name) {
  const std::string id = get(reference).id;
  const std::string familiar = name.with_default_tag().familiar();
  co_await take_name(familiar, id);
  ImageRecord& image = by_id_.at(id);
  if (std::count(image.tags.begin(), image.tags.end(), familiar) == 0) {
    if (image.source.empty()) image.source = image.tags.empty() ? image.digests.front() : image.tags.front();
    image.tags.push_back(familiar);
    co_await save(id);
  }
  events_.publish({"image", "tag", id, {{"name", familiar}}, {}});
}

Awaitable<void> Images::put(ImageRecord image) {
  for (const std::string& name : image.tags) co_await take_name(name, image.id);
  const std::string id = image.id;
  by_id_[id] = std::move(image);
  co_await save(id);
}

Awaitable<void> Images::take_name(std::string name, std::string new_owner) {
  for (const auto& [id, image] : by_id_) {
    if (id == new_owner || std::count(image.tags.begin(), image.tags.end(), name) == 0) continue;
    const std::string loser = id;
    co_await untag(loser, name);
    co_return;
  }
}

// The image stays, without a name perhaps, but its tasks still pull what it was pulled by.
Awaitable<void> Images::untag(std::string id, std::string name) {
  ImageRecord& image = by_id_.at(id);
  if (image.source.empty()) image.source = name;
  std::erase(image.tags, name);
  co_await save(id);
  events_.publish({"image", "untag", id, {{"name", name}}, {}});
}

Awaitable<void> Images::save(std::string id) {
  co_await store_.put(kTable, id, json::to_text(by_id_.at(id)), Durability::relaxed);
}

}  // namespace sockerless::core
