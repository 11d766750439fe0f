#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/server.h"

namespace sockerless::cloud {

// One entry of a layer that a test makes.
struct TarEntry {
  std::string name;
  char type = 'f';      // file, d(irectory), s(ymbolic link), h(ard link)
  std::string content;  // or a link's target
  unsigned mode = 0644;
  unsigned uid = 0;
  unsigned gid = 0;
  long modified = 1'000'000'000;
  std::map<std::string, std::string> attributes;
};

// The bytes of a tar archive; `filter` is "", "gzip" or "zstd".
std::string make_layer(const std::vector<TarEntry>& entries, const std::string& filter = "gzip");

// A registry for tests, on a loopback port, with the requests it was asked. Serves what is put into
// its maps.
class FakeRegistry {
 public:
  explicit FakeRegistry(Executor executor);

  // Stores an image under "repository:tag" and returns its manifest's digest.
  std::string add_image(const std::string& name, const std::vector<std::string>& layers, const std::string& config);
  std::string add_manifest(const std::string& name, const std::string& content);
  // An index of manifests by architecture.
  std::string add_index(const std::string& name, const std::map<std::string, std::string>& manifests);

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + host(); }
  std::size_t requests_for(const std::string& part) const;

  Awaitable<void> stop();

  std::map<std::string, std::string> blobs;      // digest → bytes
  std::map<std::string, std::string> manifests;  // "repository:tag" and "repository@digest" → bytes
  std::vector<std::string> requests;             // "GET /v2/…"
  std::vector<std::string> authorizations;       // of those requests
  bool needs_token = false;
  std::string needs_login;   // the value that Authorization must have
  std::string redirect_to;   // origin that serves blobs
  int failures_to_come = 0;  // so many answers are 500
  bool down = false;         // every answer is 503

 private:
  Awaitable<void> handle(http::Exchange& exchange);
  bool refuse(http::Exchange& exchange);
  void serve_manifest(http::Exchange& exchange, const std::string& repository, const std::string& version);

  SystemClock clock_;
  http::Server server_;
  int port_ = 0;
};

}  // namespace sockerless::cloud
