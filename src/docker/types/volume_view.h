#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/volumes.h"

// The shapes in which Docker takes and shows volumes.
namespace sockerless::docker {

struct VolumeUsageView {
  std::int64_t size = 0;
  std::int64_t ref_count = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("Size", &VolumeUsageView::size),
                      json::field("RefCount", &VolumeUsageView::ref_count)};
  }
};

struct VolumeView {
  std::string created_at;
  std::string driver;
  std::map<std::string, std::string> labels;
  std::string mountpoint;
  std::string name;
  std::map<std::string, std::string> options;
  std::string scope = "local";
  std::optional<VolumeUsageView> usage;

  static constexpr auto fields() {
    using V = VolumeView;
    using json::Emit;
    using json::field;
    return std::tuple{field("CreatedAt", &V::created_at),
                      field("Driver", &V::driver),
                      field("Labels", &V::labels, Emit::null_if_empty),
                      field("Mountpoint", &V::mountpoint),
                      field("Name", &V::name),
                      field("Options", &V::options, Emit::null_if_empty),
                      field("Scope", &V::scope),
                      field("UsageData", &V::usage, Emit::omit_empty)};
  }
};

struct VolumeList {
  std::vector<VolumeView> volumes;
  std::vector<std::string> warnings;
  static constexpr auto fields() {
    return std::tuple{json::field("Volumes", &VolumeList::volumes),
                      json::field("Warnings", &VolumeList::warnings, json::Emit::null_if_empty)};
  }
};

struct VolumeCreateRequest {
  std::string name;
  std::string driver;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> driver_options;
  std::optional<core::Empty> cluster_volume_spec;
  static constexpr auto fields() {
    using V = VolumeCreateRequest;
    using json::field;
    return std::tuple{field("Name", &V::name), field("Driver", &V::driver), field("Labels", &V::labels),
                      field("DriverOpts", &V::driver_options), field("ClusterVolumeSpec", &V::cluster_volume_spec)};
  }
};

struct VolumePruneReport {
  std::vector<std::string> deleted;
  std::int64_t space_reclaimed = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("VolumesDeleted", &VolumePruneReport::deleted),
                      json::field("SpaceReclaimed", &VolumePruneReport::space_reclaimed)};
  }
};

VolumeView volume_view(const core::VolumeRecord& volume);

}  // namespace sockerless::docker
