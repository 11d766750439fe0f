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
  static constexpr auto fields() { return std::tuple{json::field("LastTagTime", &ImageMetadataView::last_tag_time)}; }
};

// The parts of the configuration that images still have from API 1.50 on.
struct ImageConfigView {
  std::string user;
  std::map<std::string, core::Empty> exposed_ports;
  std::vector<std::string> env;
  std::optional<core::Words> entrypoint;
  core::Words cmd;
  std::map<std::string, core::Empty> volumes;
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::vector<std::string> on_build;
  std::optional<core::Healthcheck> healthcheck;
  std::vector<std::string> shell;

  static constexpr auto fields() {
    using I = ImageConfigView;
    using json::Emit;
    using json::field;
    return std::tuple{field("User", &I::user),
                      field("ExposedPorts", &I::exposed_ports, Emit::omit_empty),
                      field("Env", &I::env, Emit::null_if_empty),
                      field("Entrypoint", &I::entrypoint),
                      field("Cmd", &I::cmd, Emit::null_if_empty),
                      field("Volumes", &I::volumes, Emit::null_if_empty),
                      field("WorkingDir", &I::working_dir),
                      field("Labels", &I::labels, Emit::null_if_empty),
                      field("StopSignal", &I::stop_signal, Emit::omit_empty),
                      field("OnBuild", &I::on_build, Emit::null_if_empty),
                      field("Healthcheck", &I::healthcheck, Emit::omit_empty),
                      field("Shell", &I::shell, Emit::omit_empty)};
  }
};

// Config is ContainerConfig up to API 1.49, ImageConfigView from 1.50 on.
template <typename Config>
struct ImageInspect {
  std::string id;
  std::vector<std::string> repo_tags;
  std::vector<std::string> repo_digests;
  std::string parent;
  std::string comment;
  std::string created;
  std::string docker_version;
  std::string author;
  Config config;
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

ImageSummary summary_of(const core::ImageRecord& image, bool has_virtual_size);

struct ImageDeleteItem {
  std::string untagged;
  std::string deleted;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("Untagged", &ImageDeleteItem::untagged, Emit::omit_empty),
                      json::field("Deleted", &ImageDeleteItem::deleted, Emit::omit_empty)};
  }
};

// Up to API 1.44 an image also says which container a classic builder made it in.
struct ImageInspectWithContainer : ImageInspect<core::ContainerConfig> {
  std::string container;
  core::ContainerConfig container_config;  // empty; clients of those versions look into it unasked (Compose v1)
  static constexpr auto fields() {
    using I = ImageInspectWithContainer;
    return std::tuple_cat(
        ImageInspect<core::ContainerConfig>::fields(),
        std::tuple{json::field("Container", &I::container), json::field("ContainerConfig", &I::container_config)});
  }
};

}  // namespace sockerless::docker
