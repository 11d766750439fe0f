#include <fmt/format.h>

#include <array>

#include "docker/api.h"
#include "docker/container_size.h"
#include "docker/types/container_view.h"
#include "docker/types/image_view.h"
#include "docker/types/volume_view.h"

namespace sockerless::docker {
namespace {

struct DiskUsageView {
  std::int64_t layers_size = 0;
  std::optional<std::vector<ImageSummary>> images;
  std::optional<std::vector<ContainerSummary>> containers;
  std::optional<std::vector<VolumeView>> volumes;
  std::optional<std::vector<core::Empty>> build_cache;
  static constexpr auto fields() {
    using D = DiskUsageView;
    using json::field;
    return std::tuple{field("LayersSize", &D::layers_size), field("Images", &D::images),
                      field("Containers", &D::containers), field("Volumes", &D::volumes),
                      field("BuildCache", &D::build_cache)};
  }
};

// The kinds of objects that the query asks for; all without one.
std::vector<std::string> wanted_types(const http::Exchange& exchange) {
  constexpr std::array<std::string_view, 4> kTypes{"container", "image", "volume", "build-cache"};
  std::vector<std::string> wanted = exchange.target().query_all("type");
  for (const std::string& type : wanted) {
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      throw Error(ErrorKind::invalid_argument, fmt::format("unknown object type: {}", type));
    }
  }
  if (wanted.empty()) wanted.assign(kTypes.begin(), kTypes.end());
  return wanted;
}

std::vector<ImageSummary> images_of(ApiServices& services, bool has_virtual_size, std::int64_t& total) {
  std::vector<ImageSummary> rows;
  std::map<std::string, int> users;
  for (const core::EntryPointer& entry : services.containers.entries()) ++users[entry->record.image_id];
  for (const core::ImageRecord& image : services.images.all()) {
    rows.push_back(summary_of(image, has_virtual_size));
    rows.back().shared_size = 0;
    rows.back().containers = users[image.id];
    total += image.size;
  }
  return rows;
}

Awaitable<std::vector<ContainerSummary>> containers_of(ApiServices& services) {
  std::vector<core::Container> running;
  for (const core::EntryPointer& entry : services.containers.entries()) {
    if (entry->record.state.is_running()) running.push_back(entry->record);
  }
  const auto sizes = co_await services.sizes.measure(std::move(running));
  std::vector<ContainerSummary> rows;
  const Time now = services.clock.now();
  for (const core::EntryPointer& entry : services.containers.entries()) {
    rows.push_back(summary_view(entry->record, now));
    add_size(services, sizes, rows.back());
  }
  co_return rows;
}

std::vector<VolumeView> volumes_of(ApiServices& services) {
  std::vector<VolumeView> rows;
  const auto counts = services.volumes.use_counts();
  for (const core::VolumeRecord& volume : services.volumes.all()) {
    const auto count = counts.find(volume.name);
    rows.push_back(volume_view(volume));
    rows.back().usage = VolumeUsageView{0, count == counts.end() ? 0 : count->second};
  }
  return rows;
}

// Image sizes are the registries', containers' what their agents say; volumes take no room here.
Awaitable<void> usage(ApiServices& services, http::Exchange& exchange) {
  const auto wanted = wanted_types(exchange);
  const auto has = [&](const char* type) { return std::find(wanted.begin(), wanted.end(), type) != wanted.end(); };
  const bool has_virtual_size = version_of(exchange) < ApiVersion{1, 44};
  DiskUsageView view;
  if (has("image")) view.images = images_of(services, has_virtual_size, view.layers_size);
  if (has("container")) view.containers = co_await containers_of(services);
  if (has("volume")) view.volumes = volumes_of(services);
  if (has("build-cache")) view.build_cache.emplace();
  exchange.reply_json(http::Status::ok, view);
}

}  // namespace

void add_disk_usage_routes(http::Router& router, ApiServices& services) {
  router.get("/system/df", [&services](http::Exchange& exchange) { return usage(services, exchange); });
}

}  // namespace sockerless::docker
