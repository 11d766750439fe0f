#include "cloud/images/registry.h"

#include <fmt/format.h>

#include <boost/beast/core/detail/base64.hpp>

#include "base/json.h"
#include "cloud/images/digest.h"
#include "cloud/images/manifest.h"
#include "http/target.h"

namespace sockerless::cloud {
namespace {

constexpr int kMostRedirects = 5;
constexpr auto kBlobTime = std::chrono::minutes(30);
constexpr std::string_view kDockerHub = "registry-1.docker.io";

struct TokenAnswer {
  std::string token;
  std::string access_token;

  static constexpr auto fields() {
    return std::tuple{json::field("token", &TokenAnswer::token),
                      json::field("access_token", &TokenAnswer::access_token)};
  }
};

struct RegistryFailure {
  std::string code;
  std::string message;

  static constexpr auto fields() {
    return std::tuple{json::field("code", &RegistryFailure::code), json::field("message", &RegistryFailure::message)};
  }
};

struct FailureAnswer {
  std::vector<RegistryFailure> errors;

  static constexpr auto fields() { return std::tuple{json::field("errors", &FailureAnswer::errors)}; }
};

bool is_loopback(std::string_view host) {
  return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" || host.starts_with("localhost:");
}

// "https://host:port" of a URL.
std::string_view origin_of(std::string_view url) {
  const auto authority = url.find("://");
  return url.substr(0, std::min(url.find('/', authority + 3), url.size()));
}

std::string resolve(std::string_view base, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return std::string(location);
  if (location.starts_with("//")) return fmt::format("{}{}", base.substr(0, base.find("//")), location);
  if (location.starts_with("/")) return fmt::format("{}{}", origin_of(base), location);
  return fmt::format("{}/{}", base.substr(0, base.rfind('/')), location);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string base64(const std::string& text) {
  namespace codec = boost::beast::detail::base64;
  std::string encoded(codec::encoded_size(text.size()), '\0');
  encoded.resize(codec::encode(encoded.data(), text.data(), text.size()));
  return encoded;
}

// The value of `name="value"` or `name=value` in a WWW-Authenticate header.
std::string parameter(std::string_view challenge, std::string_view name) {
  for (std::size_t at = challenge.find(name); at != std::string_view::npos; at = challenge.find(name, at + 1)) {
    const bool starts = at > 0 && (challenge[at - 1] == ' ' || challenge[at - 1] == ',');
    std::string_view rest = challenge.substr(at + name.size());
    if (!starts || !rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find_first_of(", ")));
    return std::string(rest.substr(1, rest.find('"', 1) - 1));
  }
  return {};
}

bool has_scheme(std::string_view challenge, std::string_view lower_case_scheme) {
  if (challenge.size() < lower_case_scheme.size()) return false;
  for (std::size_t i = 0; i < lower_case_scheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(challenge[i])) != lower_case_scheme[i]) return false;
  }
  return true;
}

// What the registry says about its failure, if it says it in its usual form.
std::string failure_text(const std::string& body) {
  try {
    const auto answer = json::parse<FailureAnswer>(body);
    if (answer.errors.empty()) return {};
    std::string code = answer.errors.front().code;
    for (char& c : code) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return fmt::format("{}: {}", code, answer.errors.front().message);
  } catch (const Error&) {
    return {};  // a proxy's page, say: the status alone must do
  }
}

[[noreturn]] void throw_failure(const Reference& reference, const std::string& url,
                                const http::ClientResponse& answer) {
  const std::string detail = failure_text(answer.body);
  if (answer.status == 404) throw Error(ErrorKind::not_found, fmt::format("{}: not found", reference.text()));
  if (answer.status == 401 || answer.status == 403) {
    throw Error(ErrorKind::forbidden,
                fmt::format("pull access denied, repository does not exist or may require authorization{}{}",
                            detail.empty() ? "" : ": server message: ", detail));
  }
  if (answer.status == 429) {
    throw RegistryUnavailable(fmt::format("toomanyrequests: {}", detail.empty() ? "Too Many Requests" : detail));
  }
  const std::string text = fmt::format("unexpected status code {}: {}{}{}", url, answer.status,
                                       detail.empty() ? "" : " - Server message: ", detail);
  if (answer.status >= 500) throw RegistryUnavailable(text);
  throw Error(ErrorKind::internal, text);
}

}  // namespace

Registries::Registries(http::Client& client, const std::map<std::string, std::string>& mirrors) : client_(client) {
  for (const auto& [host, given] : mirrors) {
    Endpoint endpoint{.url = given, .user = {}, .password = {}};
    if (endpoint.url.find("://") == std::string::npos) endpoint.url = "https://" + endpoint.url;
    while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
    const auto authority = endpoint.url.find("://") + 3;
    const std::string_view origin = origin_of(endpoint.url);
    if (const auto at = origin.rfind('@'); at != std::string_view::npos) {
      const std::string_view login = origin.substr(authority, at - authority);
      const auto colon = std::min(login.find(':'), login.size());
      endpoint.user = http::percent_decode(login.substr(0, colon));
      if (colon < login.size()) endpoint.password = Secret(http::percent_decode(login.substr(colon + 1)));
      endpoint.url.erase(authority, at + 1 - authority);
    }
    mirrors_[host == "index.docker.io" || host == kDockerHub ? "docker.io" : host] = std::move(endpoint);
  }
}

Registries::Endpoint Registries::endpoint_of(const std::string& host) const {
  if (const auto mirror = mirrors_.find(host); mirror != mirrors_.end()) return mirror->second;
  if (host == "docker.io") return {.url = fmt::format("https://{}", kDockerHub), .user = {}, .password = {}};
  return {.url = fmt::format("{}://{}", is_loopback(host) ? "http" : "https", host), .user = {}, .password = {}};
}

Awaitable<std::optional<std::string>> Registries::find_digest(Reference reference) {
  Call head;
  head.method = "HEAD";
  head.path = "/manifests/" + reference.tag;
  head.accept = kManifestTypes;
  const auto answer = co_await call(reference, std::move(head));
  const std::string digest(answer.header("docker-content-digest"));
  if (!is_digest(digest)) co_return std::nullopt;
  co_return digest;
}

Awaitable<std::string> Registries::get_manifest(Reference reference, std::string version) {
  Call get;
  get.path = "/manifests/" + version;
  get.accept = kManifestTypes;
  auto answer = co_await call(reference, std::move(get));
  if (is_digest(version) && digest_of(answer.body) != version) {
    throw Error(ErrorKind::internal,
                fmt::format("unexpected digest {} of manifest {}", digest_of(answer.body), version));
  }
  co_return std::move(answer.body);
}

Awaitable<void> Registries::download(Reference reference, std::string digest,
                                     std::function<void(std::string_view)> sink) {
  Call get;
  get.path = "/blobs/" + digest;
  get.sink = std::move(sink);
  co_await call(reference, std::move(get));
}

Awaitable<http::ClientResponse> Registries::call(Reference reference, Call call) {
  const Endpoint endpoint = endpoint_of(reference.host);
  const std::string key = fmt::format("{} {}", endpoint.url, reference.repository);
  http::ClientRequest request;
  request.method = call.method;
  request.url = fmt::format("{}/v2/{}{}", endpoint.url, reference.repository, call.path);
  if (call.sink) request.total_time = kBlobTime;
  request.sink = call.sink;
  std::string authorization = authorizations_.contains(key) ? authorizations_.at(key) : "";
  bool asked_for_authorization = false;
  for (int redirects = 0;;) {
    request.headers.clear();
    if (!call.accept.empty()) request.headers.emplace_back("Accept", call.accept);
    if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    auto answer = co_await send(request);
    if (answer.status / 100 == 2) co_return answer;
    if (answer.status == 401 && !asked_for_authorization && redirects == 0) {
      // Also when a token was sent: they last for some minutes only.
      asked_for_authorization = true;
      authorization =
          co_await authorize(endpoint, std::string(answer.header("www-authenticate")), reference.repository);
      authorizations_[key] = authorization;
      continue;
    }
    if (is_redirect(answer.status) && ++redirects <= kMostRedirects && !answer.header("location").empty()) {
      std::string target = resolve(request.url, answer.header("location"));
      // The token is for the registry: the storage behind it has signed URLs and must not see it.
      if (origin_of(target) != origin_of(request.url)) authorization.clear();
      request.url = std::move(target);
      continue;
    }
    throw_failure(reference, request.url, answer);
  }
}

Awaitable<http::ClientResponse> Registries::send(http::ClientRequest request) {
  const std::string url = request.url;
  try {
    co_return co_await client_.send(std::move(request));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable && error.kind() != ErrorKind::timed_out) throw;
    throw RegistryUnavailable(fmt::format("failed to do request: {}", error.what()));
  }
}

Awaitable<std::string> Registries::authorize(Endpoint endpoint, std::string challenge, std::string repository) {
  std::string login;
  if (!endpoint.user.empty()) login = "Basic " + base64(endpoint.user + ":" + endpoint.password.reveal());
  if (has_scheme(challenge, "basic ")) co_return login;
  const std::string realm = parameter(challenge, "realm");
  if (!has_scheme(challenge, "bearer ") || realm.find("://") == std::string::npos) co_return "";

  std::string scope = parameter(challenge, "scope");
  if (scope.empty()) scope = fmt::format("repository:{}:pull", repository);
  http::ClientRequest request;
  request.url = fmt::format("{}{}service={}&scope={}", realm, realm.find('?') == std::string::npos ? "?" : "&",
                            http::percent_encode(parameter(challenge, "service")), http::percent_encode(scope));
  if (!login.empty()) request.headers.emplace_back("Authorization", login);
  const auto answer = co_await send(request);
  // A refusal here becomes "access denied" when the registry is asked again without a token.
  if (answer.status / 100 == 4 && answer.status != 429) co_return "";
  if (answer.status != 200) {
    throw RegistryUnavailable(fmt::format(
        "failed to fetch anonymous token: unexpected status from GET request to {}: {}", request.url, answer.status));
  }
  const auto parsed = json::parse<TokenAnswer>(answer.body);
  co_return "Bearer " + (parsed.token.empty() ? parsed.access_token : parsed.token);
}

}  // namespace sockerless::cloud
