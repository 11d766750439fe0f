#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/image_reference.h"
#include "core/registry_auth.h"

namespace sockerless::core {

// In OCI's words: linux, amd64, arm64. The variant is empty for the architecture's default.
struct Platform {
  std::string os = "linux";
  std::string architecture = "amd64";
  std::string variant;

  std::string text() const;  // "linux/arm64/v8"

  friend bool operator==(const Platform&, const Platform&) = default;
};

// "linux/arm64", "linux/arm/v7" or "arm64"; names that Docker knows by another (x86_64, aarch64)
// are taken too. Throws Error(invalid_argument).
Platform parse_platform(std::string_view text);

struct HealthcheckConfig {
  std::vector<std::string> test;  // {"CMD", …}, {"CMD-SHELL", text} or {"NONE"}
  std::chrono::nanoseconds interval{0};
  std::chrono::nanoseconds timeout{0};
  std::chrono::nanoseconds start_period{0};
  std::chrono::nanoseconds start_interval{0};
  int retries = 0;

  friend bool operator==(const HealthcheckConfig&, const HealthcheckConfig&) = default;
};

// How a container of the image runs unless its creator says otherwise.
struct ImageConfig {
  std::string user;
  std::vector<std::string> env;  // "NAME=value"
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string working_dir;
  std::vector<std::string> exposed_ports;  // "80/tcp"
  std::vector<std::string> volumes;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::vector<std::string> shell;
  std::vector<std::string> on_build;
  std::optional<HealthcheckConfig> healthcheck;
  bool args_escaped = false;
};

struct ImageHistory {
  std::string created;  // RFC 3339, as the builder wrote it
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;
};

struct ImageLayer {
  std::string digest;
  std::int64_t size = 0;  // compressed
};

// What a registry says of one image for one platform.
struct FetchedImage {
  std::string digest;           // what the reference names: an index or a manifest
  std::string manifest_digest;  // the platform's manifest
  std::string config_digest;
  std::int64_t size = 0;  // of all layers, compressed
  std::vector<ImageLayer> layers;
  std::vector<std::string> diff_ids;
  Platform platform;
  std::string media_type;           // of what the reference names
  std::int64_t document_size = 0;   // of what the reference names, bytes
  std::vector<Platform> platforms;  // that the reference has images for
  std::string created;              // RFC 3339; may be empty
  std::string author;
  std::vector<ImageHistory> history;
  ImageConfig config;
};

// The image exists, but not for the platform that was asked for. Docker tells this case apart: it
// has begun its progress by then.
class NoMatchingPlatform : public Error {
 public:
  explicit NoMatchingPlatform(const std::string& message) : Error(ErrorKind::not_found, message) {}
};

// Where images are looked up. Implemented on registries; tests have their own.
class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // A reference without tag and digest means "latest". Throws Error: not_found if there is no such
  // image, no such platform or no access to the repository; unauthorized if the credentials are
  // wrong; unavailable if the registry gave no usable answer.
  virtual Awaitable<FetchedImage> fetch(ImageReference reference, Platform platform, RegistryAuth auth) = 0;

  // Whether the registry of `auth.server_address` takes the credentials. Throws Error: unauthorized if
  // it does not, unavailable if it gave no usable answer.
  virtual Awaitable<void> log_in(RegistryAuth auth) = 0;
};

}  // namespace sockerless::core
