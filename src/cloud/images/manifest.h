#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cloud/images/images.h"

namespace sockerless::cloud {

struct Platform {
  std::string architecture;
  std::string os;

  static constexpr auto fields() {
    return std::tuple{json::field("architecture", &Platform::architecture), json::field("os", &Platform::os)};
  }
};

struct BlobDescriptor {
  std::string media_type;
  std::string digest;
  Platform platform;  // in an index only

  static constexpr auto fields() {
    return std::tuple{json::field("mediaType", &BlobDescriptor::media_type),
                      json::field("digest", &BlobDescriptor::digest),
                      json::field("platform", &BlobDescriptor::platform)};
  }
};

// A manifest or an index (Docker's manifest list), of Docker's schema 2 or OCI: they differ in
// media types only.
struct Manifest {
  int schema_version = 0;
  std::vector<BlobDescriptor> manifests;  // an index has these, a manifest the others
  BlobDescriptor config;
  std::vector<BlobDescriptor> layers;  // lowest first

  bool is_index() const { return !manifests.empty(); }

  static constexpr auto fields() {
    return std::tuple{json::field("schemaVersion", &Manifest::schema_version),
                      json::field("manifests", &Manifest::manifests), json::field("config", &Manifest::config),
                      json::field("layers", &Manifest::layers)};
  }
};

// The Accept header that asks for what this module reads.
extern const char* const kManifestTypes;

// Throws Error(invalid_argument) for what is neither manifest nor index, or names no valid digests.
Manifest parse_manifest(std::string_view text);

// The digest of the Linux manifest for the architecture. Throws Error(not_found) with Fargate's text.
const std::string& choose_platform(const Manifest& index, std::string_view architecture);

// Fills in what the image's configuration says. Throws Error(not_found) with Fargate's text if it
// is for another architecture.
void apply_config(std::string_view text, std::string_view architecture, Image& image);

}  // namespace sockerless::cloud
