#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/credentials.h"
#include "base/time.h"

// AWS Signature Version 4: pure functions from a request to its signature.
namespace sockerless::aws {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct SignableRequest {
  std::string method = "POST";
  std::string path = "/";  // as in the request line, without the query
  std::string query;       // as in the request line
  HeaderList headers;      // "host" among them; all are signed but those that proxies change
  std::string_view body;
};

struct SigningScope {
  std::string region;
  std::string service;
  Time time;
};

struct SigningOptions {
  // Resolve "." and ".." and drop doubled slashes in the path. Off for S3.
  bool normalize_path = true;
  // Encode the path's escapes once more. Off for S3.
  bool double_encode_path = true;
  // Add x-amz-content-sha256 to the signed headers.
  bool sign_body_hash_header = false;
  // Some services want the session token added, but not signed.
  bool sign_session_token = true;
};

struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
  // What to add to the request: headers (Authorization and x-amz-…), or query parameters, decoded.
  HeaderList additions;
};

Signature sign_headers(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope,
                       const SigningOptions& options = {});

// For a presigned URL that is valid for `expires` from the scope's time.
Signature sign_query(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope,
                     std::chrono::seconds expires, const SigningOptions& options = {});

}  // namespace sockerless::aws
