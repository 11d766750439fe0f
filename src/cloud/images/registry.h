#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/async.h"
#include "base/error.h"
#include "base/secret.h"
#include "cloud/images/reference.h"
#include "http/client.h"

namespace sockerless::cloud {

// The registry gave no usable answer: not reached, 5xx, rate limit. What is stored may do instead.
class RegistryUnavailable : public Error {
 public:
  explicit RegistryUnavailable(const std::string& message) : Error(ErrorKind::unavailable, message) {}
};

// Reads from image registries (the distribution API), with token and basic authentication and
// mirrors. Lives on the loop. Errors have containerd's words, which Fargate passes on.
class Registries {
 public:
  // `mirrors`: host → URL; a user and password in the URL are used for its authentication.
  Registries(http::Client& client, const std::map<std::string, std::string>& mirrors);

  // The digest that the registry has under the reference's tag, nullopt if it does not say.
  Awaitable<std::optional<std::string>> find_digest(Reference reference);

  // A manifest or index under a tag or digest, verified if it is a digest.
  Awaitable<std::string> get_manifest(Reference reference, std::string version);

  // Gives the blob to `sink` as it comes, unverified.
  Awaitable<void> download(Reference reference, std::string digest, std::function<void(std::string_view)> sink);

 private:
  struct Endpoint {
    std::string url;  // without a slash at its end
    std::string user;
    Secret password;
  };
  struct Call {
    std::string method = "GET";
    std::string path;  // below /v2/<repository>
    std::string accept;
    std::function<void(std::string_view)> sink;
  };

  Endpoint endpoint_of(const std::string& host) const;
  // Authenticated, redirects followed; throws for everything but success.
  Awaitable<http::ClientResponse> call(Reference reference, Call call);
  Awaitable<http::ClientResponse> send(http::ClientRequest request);
  Awaitable<std::string> authorize(Endpoint endpoint, std::string challenge, std::string repository);

  http::Client& client_;
  std::map<std::string, Endpoint> mirrors_;
  std::map<std::string, std::string> authorizations_;  // endpoint and repository → header's value
};

}  // namespace sockerless::cloud
