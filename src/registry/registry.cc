#include "registry/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "registry/manifest.h"
#include "registry/session.h"

namespace sockerless::registry {
namespace {

const Logger log("registry");

constexpr std::size_t kMostConfigs = 256;
constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kDockerHubOrigin = "https://registry-1.docker.io";

bool is_loopback(std::string_view domain) {
  const std::string_view host =
      domain.starts_with('[') ? domain.substr(0, domain.find(']') + 1) : domain.substr(0, domain.find(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

void check_platform(const core::ImageReference& reference, const core::Platform& have, const core::Platform& want) {
  // Images of old builders do not say what they are for.
  if (have.architecture.empty() || have.os.empty() || runs_on(have, want)) return;
  throw Error(ErrorKind::not_found,
              fmt::format("image with reference {} was found but does not match the specified platform: wanted {}, "
                          "actual: {}",
                          reference.familiar(), want.text(), have.text()));
}

Error not_an_image(const core::ImageReference& reference, const std::string& media_type) {
  return {ErrorKind::not_found, fmt::format("{} is not a container image: its configuration has the media type \"{}\"",
                                            reference.familiar(), media_type)};
}

bool is_image_config(std::string_view media_type) {
  return media_type == "application/vnd.oci.image.config.v1+json" ||
         media_type == "application/vnd.docker.container.image.v1+json" || media_type.empty();
}

// Attestations stand in an index as images for an unknown platform.
std::vector<core::Platform> platforms_of(const Manifest& manifest) {
  std::vector<core::Platform> platforms;
  for (const Descriptor& entry : manifest.manifests) {
    if (!entry.platform || entry.platform->os == "unknown") continue;
    core::Platform platform;
    platform.os = entry.platform->os;
    platform.architecture = entry.platform->architecture;
    platform.variant = entry.platform->variant;
    platforms.push_back(std::move(platform));
  }
  return platforms;
}

// "https://index.docker.io/v1/" is what clients call Docker Hub; others are a host, perhaps in a URL.
std::string login_domain(std::string_view address) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (address.starts_with(scheme)) address.remove_prefix(scheme.size());
  }
  const std::string_view host = address.substr(0, address.find('/'));
  if (host.empty() || host == "index.docker.io" || host == "registry-1.docker.io") return std::string(kDockerHub);
  return std::string(host);
}

}  // namespace

Mirrors parse_mirrors(std::string_view text) {
  Mirrors mirrors;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view entry = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = entry.find('=');
    std::string_view url = equals == std::string_view::npos ? "" : entry.substr(equals + 1);
    while (url.ends_with('/')) url.remove_suffix(1);
    if (equals == 0 || !(url.starts_with("http://") || url.starts_with("https://"))) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("\"{}\" is not a registry mirror: expected HOST=URL with http:// or https://", entry));
    }
    std::string host(entry.substr(0, equals));
    if (host == "index.docker.io" || host == "registry-1.docker.io") host = kDockerHub;
    mirrors.insert_or_assign(std::move(host), std::string(url));
  }
  return mirrors;
}

// Where an image is, and what its name stands for there.
struct Registry::Found {
  Session session;
  Session::Document document;
};

Registry::Registry(http::Client& client, Mirrors mirrors, std::string imported)
    : client_(client), mirrors_(std::move(mirrors)), imported_(std::move(imported)) {}

std::string Registry::origin_of(const std::string& domain) const {
  const auto mirror = mirrors_.find(domain);
  if (mirror != mirrors_.end()) return mirror->second;
  if (domain == kDockerHub) return std::string(kDockerHubOrigin);
  return fmt::format("{}://{}", is_loopback(domain) ? "http" : "https", domain);
}

Awaitable<Registry::Found> Registry::look_up(core::ImageReference reference, core::RegistryAuth auth) {
  const std::string version = reference.digest().empty() ? reference.tag() : reference.digest();
  if (!imported_.empty()) {
    Session session(client_, imported_ + "/" + reference.domain(), reference, {});
    try {
      auto document = co_await session.manifest(version);
      co_return Found{std::move(session), std::move(document)};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;  // else its own registry is asked
    }
  }
  if (mirrors_.contains(reference.domain())) auth = {};
  Session session(client_, origin_of(reference.domain()), reference, std::move(auth));
  auto document = co_await session.manifest(version);
  co_return Found{std::move(session), std::move(document)};
}

Awaitable<core::FetchedImage> Registry::fetch(core::ImageReference reference, core::Platform platform,
                                              core::RegistryAuth auth) {
  reference = reference.with_default_tag();
  Found found = co_await look_up(reference, std::move(auth));
  Session& session = found.session;
  auto document = std::move(found.document);
  const std::string digest = document.digest;
  Manifest manifest = parse_manifest(document.body);
  const auto document_size = static_cast<std::int64_t>(document.body.size());
  const std::string media_type = manifest.media_type;
  const std::vector<core::Platform> platforms = platforms_of(manifest);
  if (manifest.is_index()) {
    document = co_await session.manifest(choose_for_platform(manifest, platform).digest);
    manifest = parse_manifest(document.body);
  }
  if (!manifest.config) throw not_an_image(reference, manifest.media_type);
  const Descriptor config = *manifest.config;
  if (!is_image_config(config.media_type)) throw not_an_image(reference, config.media_type);

  if (find_config(config.digest) == nullptr) {
    const auto blob = co_await session.blob(config.digest);
    keep_config(config.digest, parse_config(blob.body));
  }
  core::FetchedImage image = *find_config(config.digest);
  check_platform(reference, image.platform, platform);
  if (image.platform.architecture.empty()) image.platform = platform;
  image.digest = digest;
  image.manifest_digest = document.digest;
  image.config_digest = config.digest;
  image.media_type = media_type;
  image.document_size = document_size;
  image.platforms = platforms.empty() ? std::vector{image.platform} : platforms;
  for (const Descriptor& layer : manifest.layers) {
    image.layers.push_back({layer.digest, layer.size});
    image.size += layer.size;
  }
  log.debug("image looked up", {{"reference", reference.canonical()}, {"digest", digest}});
  co_return image;
}

Awaitable<void> Registry::log_in(core::RegistryAuth auth) {
  const std::string domain = login_domain(auth.server_address);
  // The name of a repository is part of what a token is for; none is asked about.
  const auto reference = core::ImageReference::parse(domain + "/login/check");
  Session session(client_, origin_of(domain), reference, std::move(auth));
  co_await session.knock();
}

const core::FetchedImage* Registry::find_config(const std::string& digest) {
  const auto found =
      std::find_if(configs_.begin(), configs_.end(), [&](const CachedConfig& c) { return c.digest == digest; });
  if (found == configs_.end()) return nullptr;
  configs_.splice(configs_.begin(), configs_, found);
  return &configs_.front().image;
}

void Registry::keep_config(std::string digest, core::FetchedImage image) {
  configs_.push_front({std::move(digest), std::move(image)});
  if (configs_.size() > kMostConfigs) configs_.pop_back();
}

}  // namespace sockerless::registry
