#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "cloud/front/sessions.h"

namespace sockerless::cloud {

// The parts of a request that a Signature Version 4 covers.
struct SignedRequest {
  std::string method = "POST";
  std::string path = "/";  // still encoded
  std::string query;       // without "?"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Which key a request may be signed with. `session_token` is empty for a long-term key.
struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
};

// Checks AWS Signature Version 4 in the Authorization header as AWS's front door does: in its
// order, with its codes and texts. A clock that is more than 15 minutes off is refused.
class SignatureVerifier {
 public:
  // Temporary keys of `sessions`, which outlives this, are good as well; null: none are.
  SignatureVerifier(Credentials credentials, std::string region, const Sessions* sessions = nullptr)
      : credentials_(std::move(credentials)), region_(std::move(region)), sessions_(sessions) {}

  // The session whose key it is, null for the configured key. Throws ApiError.
  const Session* verify(const SignedRequest& request, std::string_view service, Time now) const;

 private:
  void check_scope(const struct Authorization& authorization, std::string_view date, std::string_view service) const;
  // The key's secret.
  const Secret& check_key(const struct Authorization& authorization, const SignedRequest& request,
                          const Session* session) const;

  Credentials credentials_;
  std::string region_;
  const Sessions* sessions_;
};

// The text whose hash is signed. `normalise_path` removes "." and ".." segments and repeated
// slashes, as every service but S3 does.
std::string canonical_request(const SignedRequest& request, const std::vector<std::string>& signed_headers,
                              bool normalise_path = true);

// Lower-case hexadecimal signature. `scope` is "date/region/service/aws4_request".
std::string signature_of(std::string_view canonical_request, std::string_view date_time, std::string_view scope,
                         const Secret& secret_access_key);

}  // namespace sockerless::cloud
