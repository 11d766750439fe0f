#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "core/image_source.h"

// The documents of a registry, in OCI's and Docker's form, which differ in media types alone.
namespace sockerless::registry {

inline constexpr std::string_view kAcceptedManifests =
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

struct PlatformEntry {
  std::string architecture;
  std::string os;
  std::string variant;

  static constexpr auto fields() {
    return std::tuple{json::field("architecture", &PlatformEntry::architecture), json::field("os", &PlatformEntry::os),
                      json::field("variant", &PlatformEntry::variant)};
  }
};

struct Descriptor {
  std::string media_type;
  std::string digest;
  std::int64_t size = 0;
  std::optional<PlatformEntry> platform;  // in an index

  static constexpr auto fields() {
    return std::tuple{json::field("mediaType", &Descriptor::media_type), json::field("digest", &Descriptor::digest),
                      json::field("size", &Descriptor::size), json::field("platform", &Descriptor::platform)};
  }
};

// An index has `manifests`, an image's manifest `config` and `layers`.
struct Manifest {
  int schema_version = 0;
  std::string media_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> config;
  std::vector<Descriptor> layers;

  bool is_index() const { return !config && !manifests.empty(); }

  static constexpr auto fields() {
    return std::tuple{json::field("schemaVersion", &Manifest::schema_version),
                      json::field("mediaType", &Manifest::media_type), json::field("manifests", &Manifest::manifests),
                      json::field("config", &Manifest::config), json::field("layers", &Manifest::layers)};
  }
};

// Throws Error(unavailable) for what is no manifest or one of a form that nobody makes any more.
Manifest parse_manifest(std::string_view text);

// The entry of the index that runs on the platform. Throws Error(not_found) with Docker's sentence
// and what there is instead.
Descriptor choose_for_platform(const Manifest& index, const core::Platform& platform);

// Whether an image for `have` runs where `want` is asked for.
bool runs_on(const core::Platform& have, const core::Platform& want);

// Reads an image's configuration into the parts of FetchedImage that it holds. Throws
// Error(unavailable).
core::FetchedImage parse_config(std::string_view text);

}  // namespace sockerless::registry
