#include "registry/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace sockerless::registry {
namespace {

using core::Platform;

// The member "config" of an image's configuration: Docker's words and casing.
struct HealthcheckEntry {
  std::vector<std::string> test;
  std::int64_t interval = 0;
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t start_interval = 0;
  int retries = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("Test", &HealthcheckEntry::test),
                      json::field("Interval", &HealthcheckEntry::interval),
                      json::field("Timeout", &HealthcheckEntry::timeout),
                      json::field("StartPeriod", &HealthcheckEntry::start_period),
                      json::field("StartInterval", &HealthcheckEntry::start_interval),
                      json::field("Retries", &HealthcheckEntry::retries)};
  }
};

struct ConfigEntry {
  std::string user;
  std::vector<std::string> env;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_dir;
  std::map<std::string, json::Value> exposed_ports;
  std::map<std::string, json::Value> volumes;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::vector<std::string> shell;
  std::vector<std::string> on_build;
  std::optional<HealthcheckEntry> healthcheck;
  bool args_escaped = false;

  static constexpr auto fields() {
    return std::tuple{json::field("User", &ConfigEntry::user),
                      json::field("Env", &ConfigEntry::env),
                      json::field("Entrypoint", &ConfigEntry::entrypoint),
                      json::field("Cmd", &ConfigEntry::command),
                      json::field("WorkingDir", &ConfigEntry::working_dir),
                      json::field("ExposedPorts", &ConfigEntry::exposed_ports),
                      json::field("Volumes", &ConfigEntry::volumes),
                      json::field("Labels", &ConfigEntry::labels),
                      json::field("StopSignal", &ConfigEntry::stop_signal),
                      json::field("Shell", &ConfigEntry::shell),
                      json::field("OnBuild", &ConfigEntry::on_build),
                      json::field("Healthcheck", &ConfigEntry::healthcheck),
                      json::field("ArgsEscaped", &ConfigEntry::args_escaped)};
  }
};

struct HistoryEntry {
  std::string created;
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;

  static constexpr auto fields() {
    return std::tuple{json::field("created", &HistoryEntry::created),
                      json::field("created_by", &HistoryEntry::created_by),
                      json::field("author", &HistoryEntry::author), json::field("comment", &HistoryEntry::comment),
                      json::field("empty_layer", &HistoryEntry::empty_layer)};
  }
};

struct RootfsEntry {
  std::vector<std::string> diff_ids;

  static constexpr auto fields() { return std::tuple{json::field("diff_ids", &RootfsEntry::diff_ids)}; }
};

struct ImageDocument {
  std::string created;
  std::string author;
  std::string architecture;
  std::string os;
  std::string variant;
  ConfigEntry config;
  RootfsEntry rootfs;
  std::vector<HistoryEntry> history;

  static constexpr auto fields() {
    return std::tuple{json::field("created", &ImageDocument::created),
                      json::field("author", &ImageDocument::author),
                      json::field("architecture", &ImageDocument::architecture),
                      json::field("os", &ImageDocument::os),
                      json::field("variant", &ImageDocument::variant),
                      json::field("config", &ImageDocument::config),
                      json::field("rootfs", &ImageDocument::rootfs),
                      json::field("history", &ImageDocument::history)};
  }
};

Platform normalized(Platform platform) {
  if (platform.architecture == "arm64" && platform.variant.empty()) platform.variant = "v8";
  if (platform.architecture == "arm" && platform.variant.empty()) platform.variant = "v7";
  if (platform.architecture == "amd64" && platform.variant == "v1") platform.variant.clear();
  return platform;
}

Platform platform_of(const Descriptor& entry) {
  if (!entry.platform) return {.os = "", .architecture = ""};
  return {entry.platform->os, entry.platform->architecture, entry.platform->variant};
}

constexpr int kDoesNotRun = std::numeric_limits<int>::max();

// 0 for the very platform; the more the worse. Of the ARM variants, the newer runs the older.
int distance(const Platform& have_as_written, const Platform& want_as_written) {
  const Platform have = normalized(have_as_written);
  const Platform want = normalized(want_as_written);
  if (have.os != want.os || have.architecture != want.architecture) return kDoesNotRun;
  if (have.variant == want.variant) return 0;
  const bool comparable = have.architecture == "arm" && have.variant.size() == 2 && want.variant.size() == 2;
  if (!comparable || have.variant > want.variant) return kDoesNotRun;
  return want.variant[1] - have.variant[1];
}

template <typename T>
std::vector<std::string> names_of(const std::map<std::string, T>& object) {
  std::vector<std::string> names;
  names.reserve(object.size());
  for (const auto& [name, value] : object) names.push_back(name);
  return names;
}

core::ImageConfig to_config(ConfigEntry entry) {
  core::ImageConfig config{.user = std::move(entry.user),
                           .env = std::move(entry.env),
                           .entrypoint = std::move(entry.entrypoint),
                           .command = std::move(entry.command),
                           .working_dir = std::move(entry.working_dir),
                           .exposed_ports = names_of(entry.exposed_ports),
                           .volumes = names_of(entry.volumes),
                           .labels = std::move(entry.labels),
                           .stop_signal = std::move(entry.stop_signal),
                           .shell = std::move(entry.shell),
                           .on_build = std::move(entry.on_build),
                           .args_escaped = entry.args_escaped};
  if (entry.healthcheck) {
    using std::chrono::nanoseconds;
    config.healthcheck = core::HealthcheckConfig{.test = std::move(entry.healthcheck->test),
                                                 .interval = nanoseconds(entry.healthcheck->interval),
                                                 .timeout = nanoseconds(entry.healthcheck->timeout),
                                                 .start_period = nanoseconds(entry.healthcheck->start_period),
                                                 .start_interval = nanoseconds(entry.healthcheck->start_interval),
                                                 .retries = entry.healthcheck->retries};
  }
  return config;
}

template <typename T>
T parse_document(std::string_view text, std::string_view what) {
  try {
    return json::parse<T>(text);
  } catch (const Error& error) {
    throw Error(ErrorKind::unavailable, fmt::format("the registry's {} cannot be read: {}", what, error.what()));
  }
}

}  // namespace

Manifest parse_manifest(std::string_view text) {
  auto manifest = parse_document<Manifest>(text, "manifest");
  if (manifest.schema_version != 2 || (!manifest.config && manifest.manifests.empty())) {
    throw Error(ErrorKind::unavailable, fmt::format("unsupported manifest (schema version {}, media type \"{}\")",
                                                    manifest.schema_version, manifest.media_type));
  }
  return manifest;
}

Descriptor choose_for_platform(const Manifest& index, const Platform& platform) {
  const Descriptor* best = nullptr;
  int best_distance = kDoesNotRun;
  std::string available;
  for (const Descriptor& entry : index.manifests) {
    const Platform have = platform_of(entry);
    // Build tools hang attestations into the index under this platform.
    if (have.os.empty() || have.os == "unknown") continue;
    if (!available.empty()) available += ", ";
    available += have.text();
    const int entry_distance = distance(have, platform);
    if (entry_distance < best_distance) {
      best = &entry;
      best_distance = entry_distance;
    }
  }
  if (best == nullptr) {
    throw core::NoMatchingPlatform(
        fmt::format("no matching manifest for {} in the manifest list entries (there are: {})", platform.text(),
                    available.empty() ? "none" : available));
  }
  return *best;
}

bool runs_on(const Platform& have, const Platform& want) { return distance(have, want) != kDoesNotRun; }

core::FetchedImage parse_config(std::string_view text) {
  auto document = parse_document<ImageDocument>(text, "image configuration");
  core::FetchedImage image{
      .diff_ids = std::move(document.rootfs.diff_ids),
      .platform = {std::move(document.os), std::move(document.architecture), std::move(document.variant)},
      .created = std::move(document.created),
      .author = std::move(document.author),
      .config = to_config(std::move(document.config))};
  for (HistoryEntry& entry : document.history) {
    image.history.push_back({.created = std::move(entry.created),
                             .created_by = std::move(entry.created_by),
                             .author = std::move(entry.author),
                             .comment = std::move(entry.comment),
                             .empty_layer = entry.empty_layer});
  }
  return image;
}

}  // namespace sockerless::registry
