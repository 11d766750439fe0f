#include "cloud/front/signature.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = fs::path(SOCKERLESS_TEST_VECTORS) / "sigv4" / "aws-c-auth-v4";
const Time kSignedAt = *parse_rfc3339("2015-08-30T12:36:00Z");
constexpr std::string_view kRegion = "us-east-1";

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A request as it stands in the vectors: folded headers, targets with spaces.
SignedRequest parse_request(const std::string& text) {
  SignedRequest request;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  request.method = line.substr(0, first);
  const std::string target = line.substr(first + 1, last - first - 1);
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  while (std::getline(lines, line) && !line.empty()) {
    if (line[0] == ' ') {
      request.headers.back().second += "\n" + line;
      continue;
    }
    const auto colon = line.find(':');
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  std::getline(lines, request.body, '\0');
  return request;
}

std::string header(const SignedRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

std::vector<std::string> signed_headers(const SignedRequest& request) {
  const std::string authorization = header(request, "Authorization");
  const auto begin = authorization.find("SignedHeaders=") + 14;
  std::istringstream list(authorization.substr(begin, authorization.find(',', begin) - begin));
  std::vector<std::string> names;
  for (std::string name; std::getline(list, name, ';');) names.push_back(name);
  return names;
}

struct Context {
  struct Keys {
    std::string id, secret, token;
    static constexpr auto fields() {
      return std::tuple{json::field("access_key_id", &Keys::id), json::field("secret_access_key", &Keys::secret),
                        json::field("token", &Keys::token)};
    }
  };
  Keys credentials;
  bool normalize = true;
  bool omit_session_token = false;
  static constexpr auto fields() {
    return std::tuple{json::field("credentials", &Context::credentials), json::field("normalize", &Context::normalize),
                      json::field("omit_session_token", &Context::omit_session_token)};
  }
};

TEST(Signature, OfEveryVectorIsTheExpectedOne) {
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(kVectors)) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto context = json::parse<Context>(read_file(entry.path() / "context.json"));
    const auto request = parse_request(read_file(entry.path() / "header-signed-request.txt"));
    const std::string canonical = canonical_request(request, signed_headers(request), context.normalize);
    EXPECT_EQ(canonical, read_file(entry.path() / "header-canonical-request.txt"));
    EXPECT_EQ(signature_of(canonical, "20150830T123600Z", "20150830/us-east-1/service/aws4_request",
                           Secret(context.credentials.secret)),
              read_file(entry.path() / "header-signature.txt"));
    ++cases;
  }
  EXPECT_EQ(cases, 38);
}

TEST(SignatureVerifier, AcceptsTheVectorsOfServicesThatNormalisePaths) {
  for (const auto& entry : fs::directory_iterator(kVectors)) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto context = json::parse<Context>(read_file(entry.path() / "context.json"));
    if (!context.normalize || context.omit_session_token) continue;
    const SignatureVerifier verifier(
        {context.credentials.id, Secret(context.credentials.secret), Secret(context.credentials.token)},
        std::string(kRegion));
    const auto request = parse_request(read_file(entry.path() / "header-signed-request.txt"));
    EXPECT_NO_THROW(verifier.verify(request, "service", kSignedAt));
  }
}

class VerifierTest : public testing::Test {
 protected:
  VerifierTest() {
    request_.headers = {{"host", "127.0.0.1:4566"}, {"x-amz-date", "20150830T123600Z"}};
    sign({"host", "x-amz-date"});
  }

  void sign(const std::vector<std::string>& names, const std::string& key = "local",
            const std::string& scope = "20150830/us-east-1/ecs/aws4_request", const Secret& secret = Secret("local")) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ";") + name;
    const std::string signature = signature_of(canonical_request(request_, names), "20150830T123600Z", scope, secret);
    std::erase_if(request_.headers, [](const auto& h) { return h.first == "authorization"; });
    request_.headers.emplace_back("authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope +
                                                       ", SignedHeaders=" + list + ", Signature=" + signature);
  }

  // "" if the request is accepted.
  std::string verdict(std::chrono::minutes later = {}, const std::string& token = "") const {
    const SignatureVerifier verifier({"local", Secret("local"), Secret(token)}, std::string(kRegion), &sessions_);
    try {
      verifier.verify(request_, "ecs", kSignedAt + later);
      return "";
    } catch (const ApiError& error) {
      return error.code() + ": " + error.what();
    }
  }

  // Signs with a session's key that was issued at the request's time.
  void sign_with(const Session& session) {
    request_.headers.emplace_back("x-amz-security-token", session.token.reveal());
    sign({"host", "x-amz-date", "x-amz-security-token"}, session.access_key_id, "20150830/us-east-1/ecs/aws4_request",
         session.secret_access_key);
  }

  SignedRequest request_;
  Sessions sessions_;
};

TEST_F(VerifierTest, AcceptsARightSignature) { EXPECT_EQ(verdict(), ""); }

TEST_F(VerifierTest, MissesTheHeaderFirst) {
  request_.headers.clear();
  EXPECT_EQ(verdict(), "MissingAuthenticationTokenException: Request is missing Authentication Token");
}

TEST_F(VerifierTest, NamesTheMissingParameter) {
  request_.headers.back().second = "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request";
  EXPECT_NE(verdict().find("IncompleteSignatureException"), std::string::npos);
  EXPECT_NE(verdict().find("'Signature'"), std::string::npos);
}

TEST_F(VerifierTest, RefusesAnotherRegion) {
  sign({"host", "x-amz-date"}, "local", "20150830/eu-west-1/ecs/aws4_request");
  EXPECT_EQ(verdict(),
            "InvalidSignatureException: Credential should be scoped to a valid region, not "
            "'eu-west-1'.");
}

TEST_F(VerifierTest, RefusesAnotherService) {
  sign({"host", "x-amz-date"}, "local", "20150830/us-east-1/s3/aws4_request");
  EXPECT_EQ(verdict(), "InvalidSignatureException: Credential should be scoped to correct service: 'ecs'.");
}

TEST_F(VerifierTest, WantsTheHostSigned) {
  sign({"x-amz-date"});
  EXPECT_EQ(verdict(), "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST_F(VerifierTest, DoesNotKnowAnotherKey) {
  sign({"host", "x-amz-date"}, "other");
  EXPECT_EQ(verdict(), "UnrecognizedClientException: The security token included in the request is invalid.");
}

TEST_F(VerifierTest, SeesAChangedBody) {
  request_.body = "{}";
  EXPECT_NE(verdict().find("does not match the signature you provided"), std::string::npos);
}

TEST_F(VerifierTest, AllowsAQuarterOfAnHour) {
  EXPECT_EQ(verdict(std::chrono::minutes(15)), "");
  EXPECT_EQ(verdict(-std::chrono::minutes(15)), "");
  EXPECT_NE(verdict(std::chrono::minutes(16)).find("Signature expired: 20150830T123600Z"), std::string::npos);
  EXPECT_NE(verdict(-std::chrono::minutes(16)).find("Signature not yet current"), std::string::npos);
}

TEST_F(VerifierTest, WantsTheSessionTokenSigned) {
  request_.headers.emplace_back("x-amz-security-token", "token");
  sign({"host", "x-amz-date"});
  EXPECT_NE(verdict({}, "token").find("'X-Amz-Security-Token' must be a 'SignedHeader'"), std::string::npos);
  sign({"host", "x-amz-date", "x-amz-security-token"});
  EXPECT_EQ(verdict({}, "token"), "");
  EXPECT_NE(verdict({}, "").find("UnrecognizedClientException"), std::string::npos);
}

TEST_F(VerifierTest, KnowsTheSessionsThatWereIssued) {
  const Session& session = sessions_.issue("arn:aws:iam::1:role/path/app", "task", kSignedAt, std::chrono::minutes(10));
  sign_with(session);
  EXPECT_EQ(verdict(), "");
  EXPECT_EQ(assumed_role_arn(session, "1"), "arn:aws:sts::1:assumed-role/app/task");
}

TEST_F(VerifierTest, SaysThatASessionHasExpired) {
  sign_with(sessions_.issue("role", "task", kSignedAt, std::chrono::minutes(10)));
  EXPECT_EQ(verdict(std::chrono::minutes(10)),
            "ExpiredTokenException: The security token included in the request is expired");
}

TEST_F(VerifierTest, WantsTheSessionsOwnToken) {
  const Session session = sessions_.issue("role", "task", kSignedAt, std::chrono::minutes(10));
  request_.headers.emplace_back("x-amz-security-token", "other");
  sign({"host", "x-amz-date", "x-amz-security-token"}, session.access_key_id, "20150830/us-east-1/ecs/aws4_request",
       session.secret_access_key);
  EXPECT_NE(verdict().find("UnrecognizedClientException"), std::string::npos);
}

}  // namespace
}  // namespace sockerless::cloud
