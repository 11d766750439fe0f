#include <fmt/format.h>
#include <fnmatch.h>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/pull_progress.h"
#include "docker/types/image_view.h"
#include "docker/until_filter.h"

namespace sockerless::docker {

ImageSummary summary_of(const core::ImageRecord& image, bool has_virtual_size) {
  ImageSummary view;
  view.id = image.id;
  view.repo_tags = image.tags;
  view.repo_digests = image.digests;
  if (const auto created = parse_rfc3339(image.created)) {
    view.created = std::chrono::floor<std::chrono::seconds>(created->time_since_epoch()).count();
  }
  view.size = image.size;
  if (has_virtual_size) view.virtual_size = image.size;
  view.labels = image.config.labels;
  return view;
}

namespace {

core::ImageReference wanted_image(http::Exchange& exchange) {
  const std::string from = exchange.query("fromImage").value_or("");
  const std::string tag = exchange.query("tag").value_or("");
  if (from.empty()) {
    throw Error(ErrorKind::not_implemented,
                "importing an image is not supported: ECS tasks take their images from a registry");
  }
  core::ImageReference reference = core::ImageReference::parse(from);
  if (!tag.empty()) {
    reference = tag.find(':') == std::string::npos ? reference.with_tag(tag) : reference.with_digest(tag);
  }
  return reference.with_default_tag();
}

Awaitable<void> create(ApiServices& services, http::Exchange& exchange) {
  co_await exchange.read_body(1024 * 1024);
  const core::ImageReference reference = wanted_image(exchange);
  std::optional<core::Platform> platform;
  if (const auto text = exchange.query("platform"); text && !text->empty()) {
    platform = core::parse_platform(*text);
  }
  std::string text;
  try {
    const auto result = co_await services.images.pull(reference, platform,
                                                      core::decode_registry_auth(exchange.header("X-Registry-Auth")));
    text = pull_progress(reference, result);
  } catch (const core::NoMatchingPlatform& error) {
    text = pull_beginning(reference) + failure_line(error.what());
  }
  auto stream = co_await exchange.start_stream(http::Status::ok, "application/json");
  co_await stream.write(text);
  co_await stream.finish();
}

// VirtualSize left the API with 1.44.
bool has_virtual_size(const http::Exchange& exchange) { return version_of(exchange) < ApiVersion{1, 44}; }

// moby matches references as paths: "*" takes everything but a slash.
bool matches_shell_pattern(const std::vector<std::string>& patterns, const std::string& text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME) == 0;
  });
}

// The moments that the filters before, since and until name.
struct CreationBounds {
  std::optional<Time> before;
  std::optional<Time> since;
};

CreationBounds creation_bounds(const ApiServices& services, const Filters& filters) {
  const auto created = [&](const char* name) -> std::optional<Time> {
    if (!filters.has(name)) return std::nullopt;
    return parse_rfc3339(services.images.get(filters.values(name).front()).created);
  };
  CreationBounds bounds{created("before"), created("since")};
  const auto until = parse_until_filter(filters, services.clock.now());
  if (until && (!bounds.before || *until < *bounds.before)) bounds.before = until;
  return bounds;
}

bool is_selected(const core::ImageRecord& image, const Filters& filters, const CreationBounds& bounds) {
  if (!filters.matches_labels("label", image.config.labels)) return false;
  const auto dangling = filters.flag("dangling");
  if (dangling && *dangling != image.tags.empty()) return false;
  const auto created = parse_rfc3339(image.created);
  if (bounds.before && (!created || *created >= *bounds.before)) return false;
  if (bounds.since && (!created || *created <= *bounds.since)) return false;
  if (!filters.has("reference")) return true;
  return std::any_of(image.tags.begin(), image.tags.end(), [&](const std::string& tag) {
    return matches_shell_pattern(filters.values("reference"), tag) ||
           matches_shell_pattern(filters.values("reference"), tag.substr(0, tag.rfind(':')));
  });
}

Awaitable<void> list(ApiServices& services, http::Exchange& exchange) {
  const Filters filters =
      Filters::parse(exchange.query("filters"), {"before", "dangling", "label", "reference", "since", "until"});
  const CreationBounds bounds = creation_bounds(services, filters);
  std::vector<ImageSummary> rows;
  for (const core::ImageRecord& image : services.images.all()) {
    if (is_selected(image, filters, bounds)) rows.push_back(summary_of(image, has_virtual_size(exchange)));
  }
  exchange.reply_json(http::Status::ok, rows);
  co_return;
}

void fill_config(core::ContainerConfig& view, const core::ContainerConfig& config) { view = config; }

void fill_config(ImageConfigView& view, const core::ContainerConfig& config) {
  view = {.user = config.user,
          .exposed_ports = config.exposed_ports,
          .env = config.env,
          .entrypoint = config.entrypoint,
          .cmd = config.cmd,
          .volumes = config.volumes,
          .working_dir = config.working_dir,
          .labels = config.labels,
          .stop_signal = config.stop_signal,
          .on_build = config.on_build,
          .healthcheck = config.healthcheck,
          .shell = config.shell};
}

template <typename View>
View inspect_of(const core::ImageRecord& image, bool with_virtual_size) {
  View view;
  view.id = image.id;
  view.repo_tags = image.tags;
  view.repo_digests = image.digests;
  view.created = image.created;
  view.author = image.author;
  fill_config(view.config, image.config);
  view.architecture = image.architecture;
  view.variant = image.variant;
  view.os = image.os;
  view.size = image.size;
  if (with_virtual_size) view.virtual_size = image.size;
  view.graph_driver.name = kStorageDriver;
  view.root_fs.layers = image.layers;
  view.metadata.last_tag_time = format_rfc3339_nano(Time(std::chrono::nanoseconds(image.pulled_at)));
  return view;
}

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  const core::ImageRecord image = services.images.get(exchange.param("name"));
  const ApiVersion version = version_of(exchange);
  const bool with_virtual_size = has_virtual_size(exchange);
  if (version < ApiVersion{1, 45}) {
    exchange.reply_json(http::Status::ok, inspect_of<ImageInspectWithContainer>(image, with_virtual_size));
  } else if (version < ApiVersion{1, 50}) {
    exchange.reply_json(http::Status::ok, inspect_of<ImageInspect<core::ContainerConfig>>(image, with_virtual_size));
  } else {
    exchange.reply_json(http::Status::ok, inspect_of<ImageInspect<ImageConfigView>>(image, with_virtual_size));
  }
  co_return;
}

Awaitable<void> remove(ApiServices& services, http::Exchange& exchange) {
  const auto removal =
      co_await services.images.remove(exchange.param("name"), is_set(exchange, "force"),
                                      [&services](std::string id) { return services.containers.user_of_image(id); });
  std::vector<ImageDeleteItem> rows;
  for (const std::string& name : removal.untagged) rows.push_back({.untagged = name});
  for (const std::string& id : removal.deleted) rows.push_back({.deleted = id});
  exchange.reply_json(http::Status::ok, rows);
}

Awaitable<void> load(ApiServices&, http::Exchange&) {
  throw Error(ErrorKind::not_implemented,
              "loading images is not supported: ECS tasks take their images from a registry; push "
              "the image to one and pull it");
  co_return;
}

}  // namespace

void add_image_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.get("/images/json", bind(list));
  router.post("/images/create", bind(create));
  router.post("/images/load", bind(load));
  router.get("/images/{name*}/json", bind(inspect));
  router.del("/images/{name*}", bind(remove));
}

}  // namespace sockerless::docker
