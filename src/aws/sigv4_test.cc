#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"

namespace sockerless::aws {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = fs::path(SOCKERLESS_TEST_VECTORS) / "sigv4" / "aws-c-auth-v4";

struct VectorCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string token;

  static constexpr auto fields() {
    return std::tuple{json::field("access_key_id", &VectorCredentials::access_key_id),
                      json::field("secret_access_key", &VectorCredentials::secret_access_key),
                      json::field("token", &VectorCredentials::token)};
  }
};

struct VectorContext {
  VectorCredentials credentials;
  int expiration_in_seconds = 0;
  bool normalize = true;
  std::string region;
  std::string service;
  bool sign_body = false;
  bool omit_session_token = false;
  std::string timestamp;

  static constexpr auto fields() {
    return std::tuple{json::field("credentials", &VectorContext::credentials),
                      json::field("expiration_in_seconds", &VectorContext::expiration_in_seconds),
                      json::field("normalize", &VectorContext::normalize),
                      json::field("region", &VectorContext::region),
                      json::field("service", &VectorContext::service),
                      json::field("sign_body", &VectorContext::sign_body),
                      json::field("omit_session_token", &VectorContext::omit_session_token),
                      json::field("timestamp", &VectorContext::timestamp)};
  }
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct ParsedRequest {
  std::string method;
  std::string path;
  std::string query;
  HeaderList headers;
  std::string body;

  SignableRequest signable() const { return {method, path, query, headers, body}; }
};

// The vectors are written as HTTP/1.1 with bare line feeds; some paths have spaces.
ParsedRequest parse_request(const std::string& text) {
  ParsedRequest request;
  const auto head_end = text.find("\n\n");
  std::stringstream head(text.substr(0, head_end));
  if (head_end != std::string::npos) request.body = text.substr(head_end + 2);
  std::string line;
  std::getline(head, line);
  const auto method_end = line.find(' ');
  const std::string target = line.substr(method_end + 1, line.rfind(' ') - method_end - 1);
  const auto question = target.find('?');
  request.method = line.substr(0, method_end);
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  while (std::getline(head, line)) {
    if (line.starts_with(' ')) {
      request.headers.back().second += "\n" + line;
    } else if (!line.empty()) {
      const auto colon = line.find(':');
      request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  return request;
}

struct Vector {
  ParsedRequest request;
  Credentials credentials;
  SigningScope scope;
  SigningOptions options;
  std::chrono::seconds expires;
};

Vector load(const fs::path& folder) {
  const auto context = json::parse<VectorContext>(read_file(folder / "context.json"));
  return {.request = parse_request(read_file(folder / "request.txt")),
          .credentials = {.access_key_id = context.credentials.access_key_id,
                          .secret_access_key = Secret(context.credentials.secret_access_key),
                          .session_token = Secret(context.credentials.token)},
          .scope = {context.region, context.service, parse_rfc3339(context.timestamp).value()},
          .options = {.normalize_path = context.normalize,
                      .sign_body_hash_header = context.sign_body,
                      .sign_session_token = !context.omit_session_token},
          .expires = std::chrono::seconds(context.expiration_in_seconds)};
}

class SigV4Vectors : public testing::TestWithParam<std::string> {
 protected:
  fs::path folder() const { return kVectors / GetParam(); }
};

TEST_P(SigV4Vectors, HeaderSignature) {
  const Vector v = load(folder());
  const auto made = sign_headers(v.request.signable(), v.credentials, v.scope, v.options);
  EXPECT_EQ(made.canonical_request, read_file(folder() / "header-canonical-request.txt"));
  EXPECT_EQ(made.string_to_sign, read_file(folder() / "header-string-to-sign.txt"));
  EXPECT_EQ(made.signature, read_file(folder() / "header-signature.txt"));
  const auto expected = parse_request(read_file(folder() / "header-signed-request.txt"));
  EXPECT_EQ(made.additions.back().second, expected.headers.back().second);
}

TEST_P(SigV4Vectors, QuerySignature) {
  const Vector v = load(folder());
  const auto made = sign_query(v.request.signable(), v.credentials, v.scope, v.expires, v.options);
  EXPECT_EQ(made.canonical_request, read_file(folder() / "query-canonical-request.txt"));
  EXPECT_EQ(made.string_to_sign, read_file(folder() / "query-string-to-sign.txt"));
  EXPECT_EQ(made.signature, read_file(folder() / "query-signature.txt"));
}

std::vector<std::string> vector_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kVectors)) {
    if (entry.is_directory()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(AwsCAuth, SigV4Vectors, testing::ValuesIn(vector_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(SigV4, VectorsAreAllThere) { EXPECT_EQ(vector_names().size(), 38u); }

TEST(SigV4, PathEscapesAreEncodedAgainUnlessToldOtherwise) {
  const SignableRequest request{.path = "/a%20b", .headers = {{"Host", "example.com"}}};
  const Credentials credentials{.access_key_id = "a", .secret_access_key = Secret("s")};
  const SigningScope scope{"us-east-1", "s3", from_epoch_seconds(0)};
  EXPECT_NE(sign_headers(request, credentials, scope).canonical_request.find("/a%2520b\n"), std::string::npos);
  EXPECT_NE(sign_headers(request, credentials, scope, {.double_encode_path = false}).canonical_request.find("/a%20b\n"),
            std::string::npos);
}

TEST(SigV4, HeadersThatProxiesChangeAreNotSigned) {
  const SignableRequest request{.headers = {{"Host", "h"}, {"User-Agent", "x"}, {"Connection", "close"}}};
  const Credentials credentials{.access_key_id = "a", .secret_access_key = Secret("s")};
  const auto made = sign_headers(request, credentials, {"r", "s", from_epoch_seconds(0)});
  EXPECT_NE(made.additions.back().second.find("SignedHeaders=host;x-amz-date,"), std::string::npos);
}

}  // namespace
}  // namespace sockerless::aws
