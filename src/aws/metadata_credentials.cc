#include "aws/metadata_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/error.h"
#include "base/json.h"

namespace sockerless::aws {
namespace {

constexpr const char* kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr const char* kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr auto kContainerTime = std::chrono::seconds(2);
constexpr auto kInstanceTime = std::chrono::seconds(1);
constexpr std::size_t kAnswerLimit = 64 * 1024;
constexpr int kContainerAttempts = 3;

// What both services answer.
struct MetadataAnswer {
  std::string code;  // of an instance: "Success"
  std::string message;
  std::string access_key_id;
  std::string secret_access_key;
  std::string token;
  std::string expiration;

  static constexpr auto fields() {
    using A = MetadataAnswer;
    using json::field;
    return std::tuple{field("Code", &A::code),
                      field("Message", &A::message),
                      field("AccessKeyId", &A::access_key_id),
                      field("SecretAccessKey", &A::secret_access_key),
                      field("Token", &A::token),
                      field("Expiration", &A::expiration)};
  }
};

Error useless(std::string_view source, std::string_view why) {
  return {ErrorKind::forbidden, fmt::format("no AWS credentials from {}: {}", source, why)};
}

Credentials credentials_in(const std::string& body, const std::string& source) {
  const auto answer = json::parse<MetadataAnswer>(body);
  const bool is_good = answer.code.empty() || answer.code == "Success";
  if (!is_good) throw useless(source, answer.code + ": " + answer.message);
  if (answer.access_key_id.empty() || answer.secret_access_key.empty()) {
    throw useless(source, "the answer has no key");
  }
  return {.access_key_id = answer.access_key_id,
          .secret_access_key = Secret(answer.secret_access_key),
          .session_token = Secret(answer.token),
          .expiration = parse_rfc3339(answer.expiration),
          .source = source};
}

// The token that goes there must not travel in the clear to a stranger.
bool is_trusted(std::string_view url) {
  if (url.starts_with("https://")) return true;
  constexpr std::array<std::string_view, 6> kHosts{"127.",           "localhost",      "169.254.170.2",
                                                   "169.254.170.23", "[fd00:ec2::23]", "[::1]"};
  if (!url.starts_with("http://")) return false;
  url.remove_prefix(7);
  const std::string_view host = url.substr(0, url.find('/'));
  const std::string_view name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return std::any_of(kHosts.begin(), kHosts.end(), [&](std::string_view known) {
    return known.ends_with('.') ? name.starts_with(known) : name == known;
  });
}

}  // namespace

std::string ContainerCredentials::authorization() const {
  std::string token = variable_of(environment_, kToken);
  if (const std::string path = variable_of(environment_, kTokenFile); !path.empty()) {
    std::ifstream file(path);
    if (!std::getline(file, token)) throw useless(path, fmt::format("it cannot be read or is empty ({})", kTokenFile));
  }
  if (token.find_first_of("\r\n") != std::string::npos) throw useless(kToken, "the token has a line break");
  return token;
}

Awaitable<CredentialsSource::Found> ContainerCredentials::find() {
  const std::string relative = variable_of(environment_, kRelative);
  const std::string url = relative.empty() ? variable_of(environment_, kFull) : "http://169.254.170.2" + relative;
  if (url.empty()) co_return Found{.missing = fmt::format("an ECS task's role ({} is not set)", kRelative)};
  if (!is_trusted(url)) throw useless(url, fmt::format("{} must be https, or this machine's own", kFull));
  http::ClientRequest request{.url = url,
                              .headers = {{"Accept", "application/json"}},
                              .connect_time = kContainerTime,
                              .total_time = kContainerTime,
                              .response_limit = kAnswerLimit};
  if (const std::string token = authorization(); !token.empty()) request.headers.emplace_back("Authorization", token);
  for (int attempt = 1;; ++attempt) {
    std::string failure;
    try {
      const http::ClientResponse answer = co_await transport_.send(request);
      if (answer.status == 200) co_return Found{credentials_in(answer.body, "the container endpoint " + url)};
      failure = fmt::format("HTTP {}: {}", answer.status, answer.body.substr(0, 200));
      if (answer.status < 500) throw useless(url, failure);
    } catch (const http::NoAnswer& error) {
      failure = error.what();
    }
    if (attempt == kContainerAttempts) throw useless(url, failure);
  }
}

std::string InstanceCredentials::endpoint() const {
  std::string url = variable_of(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (url.empty()) {
    const bool is_ipv6 = variable_of(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") == "IPv6";
    url = is_ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  }
  if (url.ends_with('/')) url.pop_back();
  return url;
}

Awaitable<std::string> InstanceCredentials::read(std::string url, std::string token) {
  const http::ClientResponse answer = co_await transport_.send({.url = url,
                                                                .headers = {{"x-aws-ec2-metadata-token", token}},
                                                                .connect_time = kInstanceTime,
                                                                .total_time = 2 * kInstanceTime,
                                                                .response_limit = kAnswerLimit});
  if (answer.status == 404) throw Error(ErrorKind::not_found, "the instance has no role");
  if (answer.status != 200) throw useless(url, fmt::format("HTTP {}", answer.status));
  co_return answer.body;
}

Awaitable<CredentialsSource::Found> InstanceCredentials::find() {
  std::string disabled = variable_of(environment_, "AWS_EC2_METADATA_DISABLED");
  for (char& c : disabled) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (disabled == "true") co_return Found{.missing = "an EC2 instance's role (AWS_EC2_METADATA_DISABLED is set)"};
  const std::string base = endpoint() + "/latest";
  try {
    const http::ClientResponse token =
        co_await transport_.send({.method = "PUT",
                                  .url = base + "/api/token",
                                  .headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                                  .connect_time = kInstanceTime,
                                  .total_time = kInstanceTime,
                                  .response_limit = kAnswerLimit});
    if (token.status != 200) {
      co_return Found{.missing = fmt::format("an EC2 instance's role ({}: HTTP {})", base, token.status)};
    }
    const std::string roles = base + "/meta-data/iam/security-credentials/";
    std::string role = co_await read(roles, token.body);
    role = role.substr(0, role.find('\n'));
    co_return Found{credentials_in(co_await read(roles + role, token.body), "the EC2 instance's role " + role)};
  } catch (const http::NoAnswer&) {
    co_return Found{.missing = fmt::format("an EC2 instance's role (no answer from {})", base)};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    co_return Found{.missing = fmt::format("an EC2 instance's role ({})", error.what())};
  }
}

}  // namespace sockerless::aws
