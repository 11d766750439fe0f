#pragma once

#include <string>

#include "base/async.h"
#include "core/image_reference.h"
#include "core/registry_auth.h"
#include "http/client.h"
#include "registry/challenge.h"

namespace sockerless::registry {

// Asks one registry about one repository: authorises itself when asked to, follows redirects,
// checks what it gets against its digest. Lives for one fetch.
class Session {
 public:
  // `origin` is the registry's URL without "/v2/".
  Session(http::Client& client, std::string origin, core::ImageReference reference, core::RegistryAuth auth);

  struct Document {
    std::string body;
    std::string digest;  // of the body, computed here
  };

  // By tag or digest. Throws as core::ImageSource::fetch does.
  Awaitable<Document> manifest(std::string tag_or_digest);
  Awaitable<Document> blob(std::string digest);

  // Asks for nothing but to be let in.
  Awaitable<void> knock();

 private:
  Awaitable<http::ClientResponse> get(std::string url, std::string accept);
  Awaitable<http::ClientResponse> send(http::ClientRequest request);
  Awaitable<http::ClientResponse> follow(http::ClientResponse response, std::string url, std::string accept);
  // False if nothing that the challenges ask for is at hand.
  Awaitable<bool> authorize(std::string challenges);
  Awaitable<void> fetch_token(Challenge challenge);
  std::string repository_url() const;

  http::Client& client_;
  std::string origin_;
  core::ImageReference reference_;
  core::RegistryAuth auth_;
  std::string authorization_;  // header value; "" before the registry has asked
};

}  // namespace sockerless::registry
