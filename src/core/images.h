#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/container_config.h"
#include "core/events.h"
#include "core/image_reference.h"
#include "core/image_source.h"
#include "core/store.h"

namespace sockerless::core {

// What the daemon knows of an image: names and configuration, never its bytes.
struct ImageRecord {
  std::string id;                    // "sha256:" and the SHA-256 of the reference that it was pulled by
  std::vector<std::string> tags;     // familiar: "busybox:latest"
  std::vector<std::string> digests;  // familiar: "busybox@sha256:…"
  std::string created;               // RFC 3339
  std::string author;
  std::string architecture;
  std::string os;
  std::string variant;
  std::int64_t size = 0;  // bytes, as the registry stores them
  std::vector<std::string> layers;
  ContainerConfig config;
  bool synthetic = false;  // its registry could not be asked for the configuration
  std::int64_t pulled_at = 0;

  static constexpr auto fields() {
    using I = ImageRecord;
    using json::field;
    return std::tuple{field("id", &I::id),
                      field("tags", &I::tags),
                      field("digests", &I::digests),
                      field("created", &I::created),
                      field("author", &I::author),
                      field("architecture", &I::architecture),
                      field("os", &I::os),
                      field("variant", &I::variant),
                      field("size", &I::size),
                      field("layers", &I::layers),
                      field("config", &I::config),
                      field("synthetic", &I::synthetic),
                      field("pulled_at", &I::pulled_at)};
  }
};

struct PullResult {
  ImageRecord image;
  bool was_present = false;  // the same content was known under this name
  std::string digest;        // of what the reference names; empty for a synthetic image
  std::vector<ImageLayer> layers;
  std::string warning;
};

struct ImageRemoval {
  std::vector<std::string> untagged;
  std::vector<std::string> deleted;
};

struct ImageSettings {
  bool fetch_config = true;  // SOCKERLESS_FETCH_IMAGE_CONFIG
  Platform platform;         // of the tasks
};

// The image store: records by id and by name, filled from registries. Lives on the daemon's loop.
class Images {
 public:
  Images(Clock& clock, Store& store, Events& events, ImageSource& source, ImageSettings settings);

  void recover();

  // Throws what the registry refused; an unreachable registry gives a synthetic image and a warning.
  Awaitable<PullResult> pull(ImageReference reference, std::optional<Platform> platform, RegistryAuth auth);

  // By name, digest, id or prefix of the id. Throws no_such_image, or Error(invalid_argument) for
  // what is no reference.
  ImageRecord get(std::string_view reference) const;

  std::vector<ImageRecord> all() const;  // newest first

  // `is_used` answers which container uses the image id, if any. Throws Error(conflict).
  Awaitable<ImageRemoval> remove(std::string reference, bool force,
                                 std::function<std::optional<std::string>(std::string)> is_used);

  const ImageSettings& settings() const { return settings_; }

 private:
  const ImageRecord* find(std::string_view reference) const;
  Awaitable<void> save(std::string id);

  Clock& clock_;
  Store& store_;
  Events& events_;
  ImageSource& source_;
  ImageSettings settings_;
  std::map<std::string, ImageRecord> by_id_;
};

}  // namespace sockerless::core
