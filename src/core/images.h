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

// A step that an image was made by, as `docker history` shows it.
struct ImageStep {
  std::string created;  // RFC 3339
  std::string created_by;
  std::string comment;
  std::int64_t size = 0;
  std::string id;  // of a step that was built here: equal steps have equal ids

  static constexpr auto fields() {
    using S = ImageStep;
    using json::field;
    return std::tuple{field("created", &S::created), field("created_by", &S::created_by), field("comment", &S::comment),
                      field("size", &S::size), field("id", &S::id)};
  }
};

// What the daemon knows of an image: names and configuration, never its bytes.
struct ImageRecord {
  static constexpr const char* kScratch = "scratch";  // the source of what was built on nothing

  std::string id;                 // "sha256:" and the SHA-256 of the reference that it was pulled by, or of its steps
  std::vector<std::string> tags;  // familiar: "busybox:latest"
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
  std::string source;                      // what a task pulls for it: a familiar reference; empty: its first tag
  std::string base;                        // the id of the image that it was built on here
  std::vector<ImageStep> history;          // oldest first
  std::vector<std::string> staged_layers;  // what a build has added, lowest first: kept by Staging

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
                      field("pulled_at", &I::pulled_at),
                      field("source", &I::source),
                      field("base", &I::base),
                      field("history", &I::history),
                      field("staged_layers", &I::staged_layers)};
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

// A container that uses an image.
struct ImageUser {
  std::string container_id;
  bool is_running = false;
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

  // What the registry says of the reference, without taking the image in.
  Awaitable<FetchedImage> look_up(ImageReference reference, RegistryAuth auth);
  Awaitable<void> log_in(RegistryAuth auth) { return source_.log_in(std::move(auth)); }

  // By name, digest, id or prefix of the id. Throws no_such_image, or Error(invalid_argument) for
  // what is no reference.
  ImageRecord get(std::string_view reference) const;

  std::vector<ImageRecord> all() const;  // newest first

  // The digests of the layers that builds have added to images, some more than once.
  std::vector<std::string> staged_layers() const;

  // In bytes, as the registry stores the image; 0 for one that has been removed.
  std::int64_t size_of(const std::string& id) const;

  // Answers which container uses the image id, if any.
  using FindUser = std::function<std::optional<ImageUser>(const std::string&)>;

  // Takes the name away, and the image with its last one. Throws Error(conflict).
  Awaitable<ImageRemoval> remove(std::string reference, bool force, FindUser find_user);

  // Gives the image one more name, which another image loses.
  Awaitable<void> tag(std::string reference, ImageReference name);

  // Takes a record that was made here, such as a build's, in under its id.
  Awaitable<void> put(ImageRecord image);

  // Forgets the image whatever it is called; the caller has made sure that nobody uses it.
  Awaitable<ImageRemoval> forget(std::string id);

  // Called with each image that has been forgotten.
  void on_forgotten(std::function<void(const ImageRecord&)> listener) { forgotten_ = std::move(listener); }

  const ImageSettings& settings() const { return settings_; }

 private:
  const ImageRecord* find(std::string_view reference) const;
  Awaitable<void> untag(std::string id, std::string name);
  // The image that has the name loses it.
  Awaitable<void> take_name(std::string name, std::string new_owner);
  Awaitable<void> save(std::string id);

  Clock& clock_;
  Store& store_;
  Events& events_;
  ImageSource& source_;
  ImageSettings settings_;
  std::map<std::string, ImageRecord> by_id_;
  std::function<void(const ImageRecord&)> forgotten_ = [](const ImageRecord&) {};
};

}  // namespace sockerless::core
