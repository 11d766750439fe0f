#include <fmt/format.h>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/types/image_view.h"
#include "docker/until_filter.h"

namespace sockerless::docker {
namespace {

struct ImagePruneReport {
  std::vector<ImageDeleteItem> deleted;
  std::int64_t space_reclaimed = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("ImagesDeleted", &ImagePruneReport::deleted, json::Emit::null_if_empty),
                      json::field("SpaceReclaimed", &ImagePruneReport::space_reclaimed)};
  }
};

Awaitable<void> tag(ApiServices& services, http::Exchange& exchange) {
  const std::string repository = exchange.query("repo").value_or("");
  const std::string tag_text = exchange.query("tag").value_or("");
  core::ImageReference name = core::ImageReference::parse(repository);
  if (!name.digest().empty()) {
    throw Error(ErrorKind::invalid_argument, "refusing to create a tag with a digest reference");
  }
  if (!tag_text.empty()) name = name.with_tag(tag_text);
  co_await services.images.tag(exchange.param("name"), name);
  exchange.reply(http::Status::created);
}

// Without `dangling=false` only images without a name go.
Awaitable<void> prune(ApiServices& services, http::Exchange& exchange) {
  const Filters filters = Filters::parse(exchange.query("filters"), {"dangling", "label", "label!", "until"});
  const bool dangling_only = filters.flag("dangling").value_or(true);
  const auto until = parse_until_filter(filters, services.clock.now());
  ImagePruneReport report;
  for (const core::ImageRecord& image : services.images.all()) {
    const auto created = parse_rfc3339(image.created);
    const bool is_selected = (!dangling_only || image.tags.empty()) && (!until || !created || *created < *until) &&
                             filters.matches_labels("label", image.config.labels) &&
                             filters.lacks_labels("label!", image.config.labels);
    if (!is_selected || services.containers.user_of_image(image.id)) continue;
    const core::ImageRemoval removal = co_await services.images.forget(image.id);
    for (const std::string& name : removal.untagged) report.deleted.push_back({.untagged = name});
    for (const std::string& id : removal.deleted) report.deleted.push_back({.deleted = id});
    report.space_reclaimed += image.size;
  }
  services.events.publish(
      core::DockerEvent{"image", "prune", "", {{"reclaimed", std::to_string(report.space_reclaimed)}}, {}});
  exchange.reply_json(http::Status::ok, report);
}

// No registry is searched here: `docker search` shows nothing instead of an error.
Awaitable<void> search(ApiServices&, http::Exchange& exchange) {
  const std::string limit = exchange.query("limit").value_or("");
  if (exchange.query("term").value_or("").empty()) {
    throw Error(ErrorKind::invalid_argument, "invalid search term: must not be empty");
  }
  if (limit.find_first_not_of("0123456789") != std::string::npos) {
    throw Error(ErrorKind::invalid_argument, fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", limit));
  }
  Filters::parse(exchange.query("filters"), {"is-automated", "is-official", "stars"});
  exchange.reply_json(http::Status::ok, std::vector<core::Empty>());
  co_return;
}

Awaitable<void> push(ApiServices& services, http::Exchange& exchange) {
  services.images.get(exchange.param("name"));
  throw Error(ErrorKind::not_implemented,
              fmt::format("{} cannot be pushed: this daemon keeps no layers of images; copy it between registries, for "
                          "example with `docker buildx imagetools create` or `crane copy`",
                          exchange.param("name")));
  co_return;
}

Error cannot_save() {
  return {ErrorKind::not_implemented,
          "saving images is not supported: this daemon keeps no layers of images; take the image from its registry "
          "with another tool"};
}

Awaitable<void> save(ApiServices& services, http::Exchange& exchange) {
  services.images.get(exchange.param("name"));
  throw cannot_save();
  co_return;
}

Awaitable<void> save_several(ApiServices& services, http::Exchange& exchange) {
  const auto names = exchange.query("names");
  if (names) services.images.get(*names);
  throw cannot_save();
  co_return;
}

Awaitable<void> commit(ApiServices& services, http::Exchange& exchange) {
  co_await exchange.read_body(1024 * 1024);
  services.containers.get(exchange.query("container").value_or(""));
  throw Error(ErrorKind::not_implemented,
              "committing a container is not supported: the file system of a task cannot be made an image; build one "
              "from a Dockerfile");
}

}  // namespace

void add_image_action_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.post("/commit", bind(commit));
  router.get("/images/search", bind(search));
  router.get("/images/get", bind(save_several));
  router.post("/images/prune", bind(prune));
  router.post("/images/{name*}/tag", bind(tag));
  router.post("/images/{name*}/push", bind(push));
  router.get("/images/{name*}/get", bind(save));
}

}  // namespace sockerless::docker
