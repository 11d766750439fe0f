#include <fmt/format.h>

#include "base/base64.h"
#include "core/build/builder.h"
#include "docker/api.h"
#include "docker/pull_progress.h"
#include "docker/request_tar.h"

namespace sockerless::docker {
namespace {

using core::build::Build;
using core::build::BuildRequest;

constexpr std::size_t kShortId = 12;
constexpr std::string_view kIdPrefix = "sha256:";

struct StreamLine {
  std::string stream;
  static constexpr auto fields() { return std::tuple{json::field("stream", &StreamLine::stream)}; }
};

struct ImageId {
  std::string id;
  static constexpr auto fields() { return std::tuple{json::field("ID", &ImageId::id)}; }
};

struct AuxLine {
  ImageId aux;
  static constexpr auto fields() { return std::tuple{json::field("aux", &AuxLine::aux)}; }
};

template <typename Line>
std::string text_of(const Line& line) {
  return json::to_text(line) + "\r\n";
}

// The stream that docker build shows; with `q` nothing but the image's id at the end.
class ClientOutput final : public core::build::BuildOutput {
 public:
  ClientOutput(http::ResponseStream stream, bool is_quiet) : stream_(stream), is_quiet_(is_quiet) {}

  Awaitable<void> say(std::string text) override { return write(text_of(StreamLine{std::move(text)})); }
  // Red, as Docker has it.
  Awaitable<void> warn(std::string text) override { return write(text_of(StreamLine{"\x1b[91m" + text + "\x1b[0m"})); }
  Awaitable<void> made_image(std::string id) override { return write(text_of(AuxLine{{std::move(id)}})); }
  Awaitable<void> pulled(core::ImageReference reference, core::PullResult result) override {
    return write(pull_progress(reference, result));
  }

  Awaitable<void> end(std::string id, std::vector<core::ImageReference> tags) {
    if (is_quiet_) co_await stream_.write(text_of(StreamLine{id + "\n"}));
    co_await say(fmt::format("Successfully built {}\n", id.substr(kIdPrefix.size(), kShortId)));
    for (const core::ImageReference& tag : tags) {
      co_await say(fmt::format("Successfully tagged {}\n", tag.familiar()));
    }
    co_await stream_.finish();
  }

  Awaitable<void> fail(std::string message) {
    co_await stream_.write(failure_line(message));
    co_await stream_.finish();
  }

 private:
  Awaitable<void> write(std::string text) {
    if (!is_quiet_) co_await stream_.write(std::move(text));
  }

  http::ResponseStream stream_;
  bool is_quiet_;
};

template <typename T>
T json_query(const http::Exchange& exchange, std::string_view name, std::string_view what) {
  const std::string text = exchange.query(name).value_or("");
  if (text.empty()) return {};
  try {
    return json::parse<T>(text);
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid_argument, fmt::format("error reading {}: {}", what, error.what()));
  }
}

// The same registry, however a client writes it: with a scheme and a path, or Docker Hub's old name.
std::string registry_host(std::string text) {
  if (const auto scheme = text.find("://"); scheme != std::string::npos) text.erase(0, scheme + 3);
  text = text.substr(0, text.find('/'));
  return text == "index.docker.io" || text == "registry-1.docker.io" ? "docker.io" : text;
}

// X-Registry-Config holds credentials by registry.
std::function<core::RegistryAuth(const core::ImageReference&)> credentials(const http::Exchange& exchange) {
  std::map<std::string, std::string> by_host;
  const std::string header(exchange.header("X-Registry-Config"));
  if (!header.empty()) {
    const auto text = base64_decode(header);
    if (!text) throw Error(ErrorKind::invalid_argument, "invalid X-Registry-Config header: not base64");
    const auto configs = parse_json<std::map<std::string, json::Value>>(*text);
    for (const auto& [registry, config] : configs) {
      by_host[registry_host(registry)] = base64_encode(json::to_text(config));
    }
  }
  return [by_host](const core::ImageReference& reference) {
    const auto found = by_host.find(reference.domain());
    return found == by_host.end() ? core::RegistryAuth() : core::decode_registry_auth(found->second);
  };
}

std::vector<core::ImageReference> wanted_tags(const http::Exchange& exchange) {
  std::vector<core::ImageReference> tags;
  for (const std::string& text : exchange.target().query_all("t")) {
    if (text.empty()) continue;
    const core::ImageReference tag = core::ImageReference::parse(text);
    if (!tag.digest().empty()) {
      throw Error(ErrorKind::invalid_argument, "build tag cannot contain a digest");
    }
    const core::ImageReference whole = tag.with_default_tag();
    if (std::find(tags.begin(), tags.end(), whole) == tags.end()) tags.push_back(whole);
  }
  return tags;
}

void refuse_unsupported(const http::Exchange& exchange) {
  if (const std::string version = exchange.query("version").value_or(""); version == "2") {
    throw Error(ErrorKind::invalid_argument,
                "BuildKit is not supported: use the classic builder, `DOCKER_BUILDKIT=0 docker build`");
  }
  const std::string remote = exchange.query("remote").value_or("");
  if (!remote.empty() && remote != "client-session") {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("the build context {} is not fetched here: fetch it first and build from the local folder",
                            remote));
  }
}

BuildRequest request_of(const http::Exchange& exchange) {
  refuse_unsupported(exchange);
  BuildRequest request;
  if (const auto name = exchange.query("dockerfile"); name && !name->empty()) request.dockerfile = *name;
  request.tags = wanted_tags(exchange);
  const auto arguments =
      json_query<std::map<std::string, std::optional<std::string>>>(exchange, "buildargs", "build args");
  request.arguments.insert(arguments.begin(), arguments.end());
  request.labels = json_query<std::map<std::string, std::string>>(exchange, "labels", "labels");
  request.target = exchange.query("target").value_or("");
  if (const auto platform = exchange.query("platform"); platform && !platform->empty()) {
    request.platform = core::parse_platform(*platform);
  }
  request.pulls = is_set(exchange, "pull");
  request.is_cached = !is_set(exchange, "nocache");
  request.auth_for = credentials(exchange);
  return request;
}

Awaitable<void> build_image(ApiServices& services, http::Exchange& exchange) {
  std::unique_ptr<Build> build;
  std::vector<core::ImageReference> tags;
  std::optional<Error> failure;
  try {
    BuildRequest request = request_of(exchange);
    tags = request.tags;
    const auto context = request_tar(exchange);
    build = co_await services.builder.prepare(std::move(request), *context);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    co_await discard_body(exchange);
    throw Error(*failure);
  }
  ClientOutput output(co_await exchange.start_stream(http::Status::ok, "application/json"), is_set(exchange, "q"));
  try {
    co_await output.end(co_await build->run(output), tags);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) co_await output.fail(failure->what());
}

struct PruneReport {
  std::vector<std::string> caches;
  std::int64_t space_reclaimed = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("CachesDeleted", &PruneReport::caches, json::Emit::null_if_empty),
                      json::field("SpaceReclaimed", &PruneReport::space_reclaimed)};
  }
};

// There is no cache besides the images.
Awaitable<void> prune(ApiServices&, http::Exchange& exchange) {
  exchange.reply_json(http::Status::ok, PruneReport{});
  co_return;
}

// Classic builds end when their client leaves; they have no id to be cancelled by.
Awaitable<void> cancel(ApiServices&, http::Exchange& exchange) {
  if (exchange.query("id").value_or("").empty()) {
    throw Error(ErrorKind::invalid_argument, "build ID not provided");
  }
  exchange.reply(http::Status::ok);
  co_return;
}

struct HistoryRow {
  std::string comment;
  std::int64_t created = 0;
  std::string created_by;
  std::string id;
  std::int64_t size = 0;
  std::vector<std::string> tags;
  static constexpr auto fields() {
    using R = HistoryRow;
    using json::field;
    return std::tuple{field("Comment", &R::comment),
                      field("Created", &R::created),
                      field("CreatedBy", &R::created_by),
                      field("Id", &R::id),
                      field("Size", &R::size),
                      field("Tags", &R::tags, json::Emit::null_if_empty)};
  }
};

// The newest step first. A step that is the last one of an image here has its id and tags.
Awaitable<void> history(ApiServices& services, http::Exchange& exchange) {
  const core::ImageRecord image = services.images.get(exchange.param("name"));
  const std::vector<core::ImageRecord> known = services.images.all();
  std::vector<HistoryRow> rows;
  for (auto step = image.history.rbegin(); step != image.history.rend(); ++step) {
    HistoryRow row{.comment = step->comment, .created_by = step->created_by, .id = "<missing>", .size = step->size};
    if (const auto created = parse_rfc3339(step->created)) {
      row.created = std::chrono::floor<std::chrono::seconds>(created->time_since_epoch()).count();
    }
    const bool is_newest = rows.empty();
    const bool ends_base = !is_newest && step->id.empty() && !std::prev(step)->id.empty();
    std::string id = is_newest ? image.id : step->id;
    if (ends_base) id = image.base;
    for (const core::ImageRecord& other : known) {
      if (other.id != id) continue;
      row.id = id;
      row.tags = other.tags;
    }
    rows.push_back(std::move(row));
  }
  exchange.reply_json(http::Status::ok, rows);
  co_return;
}

}  // namespace

void add_build_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.post("/build", bind(build_image));
  router.post("/build/prune", bind(prune));
  router.post("/build/cancel", bind(cancel));
  router.get("/images/{name*}/history", bind(history));
}

}  // namespace sockerless::docker
