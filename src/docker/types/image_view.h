#pragma once

#include <string>
#include <vector>

#include "core/images.h"
#include "docker/types/container_view.h"

// The shapes in which Docker shows images: ImageInspect, ImageSummary and the answers of delete.
namespace sockerless::docker {

struct RootFsView {
  std::string type = "layers";
  std::vector<std::string> layers;
  static constexpr auto fields() {
    return std::tuple{json::field("Type", &RootFsView::type),
                      json::field("Layers", &RootFsView::layers, json::Emit::omit_empty)};
  }
};

struct ImageMetadataView {
  std::string last_tag_time;
  static constexpr auto fields() {
    return std::tuple{json::field("LastTagTime", &ImageMetadataView::last_tag_time)};
  }
};

struct ImageInspect {
  std::string id;
  std::vector<std::string> repo_tags;
  std::vector<std::string> repo_digests;
  std::string parent;
  std::string comment;
  std::string created;
  std::string docker_version;
  std::string author;
  core::ContainerConfig config;
  std::string architecture;
  std::string variant;
  std::string os;
  std::int64_t size = 0;
  std::int64_t virtual_size = 0;
  GraphDriverView graph_driver;
  RootFsView root_fs;
  ImageMetadataView metadata;

  static constexpr auto fields() {
    using I = ImageInspect;
    using json::Emit;
    using json::field;
    return std::tuple{field("Id", &I::id),
                      field("RepoTags", &I::repo_tags),
                      field("RepoDigests", &I::repo_digests),
                      field("Parent", &I::parent),
                      field("Comment", &I::comment),
                      field("Created", &I::created),
                      field("DockerVersion", &I::docker_version),
                      field("Author", &I::author),
                      field("Config", &I::config),
                      field("Architecture", &I::architecture),
                      field("Variant", &I::variant, Emit::omit_empty),
                      field("Os", &I::os),
                      field("Size", &I::size),
                      field("VirtualSize", &I::virtual_size, Emit::omit_empty),
                      field("GraphDriver", &I::graph_driver),
                      field("RootFS", &I::root_fs),
                      field("Metadata", &I::metadata)};
  }
};

struct ImageSummary {
  std::string id;
  std::string parent_id;
  std::vector<std::string> repo_tags;
  std::vector<std::string> repo_digests;
  std::int64_t created = 0;
  std::int64_t size = 0;
  std::int64_t shared_size = -1;  // -1: not asked for
  std::int64_t virtual_size = 0;
  std::map<std::string, std::string> labels;
  std::int64_t containers = -1;

  static constexpr auto fields() {
    using I = ImageSummary;
    using json::Emit;
    using json::field;
    return std::tuple{field("Id", &I::id),
                      field("ParentId", &I::parent_id),
                      field("RepoTags", &I::repo_tags),
                      field("RepoDigests", &I::repo_digests),
                      field("Created", &I::created),
                      field("Size", &I::size),
                      field("SharedSize", &I::shared_size),
                      field("VirtualSize", &I::virtual_size, Emit::omit_empty),
                      field("Labels", &I::labels),
                      field("Containers", &I::containers)};
  }
};

struct ImageDeleteItem {
  std::string untagged;
  std::string deleted;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("Untagged", &ImageDeleteItem::untagged, Emit::omit_empty),
                      json::field("Deleted", &ImageDeleteItem::deleted, Emit::omit_empty)};
  }
};

}  // namespace sockerless::docker
