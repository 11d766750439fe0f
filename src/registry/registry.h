#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>

#include "core/image_source.h"
#include "http/client.h"

namespace sockerless::registry {

// Registries by the host in a reference, each replaced by the one at the URL.
using Mirrors = std::map<std::string, std::string>;

// Reads "HOST=URL,HOST=URL". Throws Error(invalid_argument).
Mirrors parse_mirrors(std::string_view text);

// Looks images up in the registries that their references name, over HTTPS, and over HTTP for
// loopback hosts. A mirror takes the place of its host altogether: what it does not have is not
// found, and it never sees credentials, which were given for the host. Used on one loop.
class Registry final : public core::ImageSource {
 public:
  // `imported`: a URL below which, under the name of its host, every image is looked for before its host is
  // asked; "" for none. What is there needs no credentials.
  explicit Registry(http::Client& client, Mirrors mirrors = {}, std::string imported = "");

  Awaitable<core::FetchedImage> fetch(core::ImageReference reference, core::Platform platform,
                                      core::RegistryAuth auth) override;
  Awaitable<void> log_in(core::RegistryAuth auth) override;

 private:
  // A configuration never changes under its digest. The most recently used stands first.
  struct CachedConfig {
    std::string digest;
    core::FetchedImage image;
  };

  struct Found;

  std::string origin_of(const std::string& domain) const;
  Awaitable<Found> look_up(core::ImageReference reference, core::RegistryAuth auth);
  const core::FetchedImage* find_config(const std::string& digest);
  void keep_config(std::string digest, core::FetchedImage image);

  http::Client& client_;
  Mirrors mirrors_;
  std::string imported_;
  std::list<CachedConfig> configs_;
};

}  // namespace sockerless::registry
