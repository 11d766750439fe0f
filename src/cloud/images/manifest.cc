#include "cloud/images/manifest.h"

#include <fmt/format.h>

#include "cloud/images/reference.h"

namespace sockerless::cloud {
namespace {

struct RunConfig {
  std::vector<std::string> environment;
  std::vector<std::string> command;
  std::vector<std::string> entrypoint;
  std::string working_directory;
  std::string user;
  std::string stop_signal;

  static constexpr auto fields() {
    return std::tuple{json::field("Env", &RunConfig::environment),
                      json::field("Cmd", &RunConfig::command),
                      json::field("Entrypoint", &RunConfig::entrypoint),
                      json::field("WorkingDir", &RunConfig::working_directory),
                      json::field("User", &RunConfig::user),
                      json::field("StopSignal", &RunConfig::stop_signal)};
  }
};

struct ImageConfig {
  std::string architecture;
  std::string os;
  RunConfig config;

  static constexpr auto fields() {
    return std::tuple{json::field("architecture", &ImageConfig::architecture), json::field("os", &ImageConfig::os),
                      json::field("config", &ImageConfig::config)};
  }
};

Error no_such_platform(std::string_view architecture) {
  return {ErrorKind::not_found,
          fmt::format("image Manifest does not contain descriptor matching platform 'linux/{}'", architecture)};
}

void check_digest(const BlobDescriptor& descriptor) {
  if (!is_digest(descriptor.digest)) {
    throw Error(ErrorKind::invalid_argument, fmt::format("invalid digest in manifest: \"{}\"", descriptor.digest));
  }
}

}  // namespace

const char* const kManifestTypes =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

Manifest parse_manifest(std::string_view text) {
  auto manifest = json::parse<Manifest>(text);
  if (manifest.schema_version != 2) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("unsupported manifest schema version {}", manifest.schema_version));
  }
  if (manifest.is_index()) {
    for (const BlobDescriptor& each : manifest.manifests) check_digest(each);
    return manifest;
  }
  check_digest(manifest.config);
  for (const BlobDescriptor& layer : manifest.layers) check_digest(layer);
  return manifest;
}

const std::string& choose_platform(const Manifest& index, std::string_view architecture) {
  for (const BlobDescriptor& each : index.manifests) {
    if (each.platform.os == "linux" && each.platform.architecture == architecture) return each.digest;
  }
  throw no_such_platform(architecture);
}

void apply_config(std::string_view text, std::string_view architecture, Image& image) {
  auto parsed = json::parse<ImageConfig>(text);
  const bool other_os = !parsed.os.empty() && parsed.os != "linux";
  const bool other_architecture = !parsed.architecture.empty() && parsed.architecture != architecture;
  if (other_os || other_architecture) throw no_such_platform(architecture);
  RunConfig& run = parsed.config;
  image.entrypoint = std::move(run.entrypoint);
  image.command = std::move(run.command);
  image.environment = std::move(run.environment);
  image.working_directory = std::move(run.working_directory);
  image.user = std::move(run.user);
  image.stop_signal = std::move(run.stop_signal);
}

}  // namespace sockerless::cloud
