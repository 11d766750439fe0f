#include "registry/session.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/sha256.h"
#include "http/target.h"
#include "registry/manifest.h"
#include "registry/refusal.h"

namespace sockerless::registry {
namespace {

constexpr std::size_t kDocumentLimit = 8 * 1024 * 1024;
constexpr int kMostRedirects = 5;

struct TokenAnswer {
  std::string token;
  std::string access_token;

  static constexpr auto fields() {
    return std::tuple{json::field("token", &TokenAnswer::token),
                      json::field("access_token", &TokenAnswer::access_token)};
  }
};

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string origin_of(std::string_view url) {
  const auto host = url.find("://") + 3;
  return std::string(url.substr(0, url.find('/', host)));
}

// A Location may be a whole URL or a path.
std::string resolved(const std::string& base, std::string_view location) {
  if (location.starts_with("http://") || location.starts_with("https://")) return std::string(location);
  if (location.starts_with("//")) return base.substr(0, base.find(':') + 1) + std::string(location);
  if (location.starts_with('/')) return origin_of(base) + std::string(location);
  return base.substr(0, base.rfind('/') + 1) + std::string(location);
}

std::string basic_credentials(const core::RegistryAuth& auth) {
  return "Basic " + base64_encode(auth.username + ":" + auth.password.reveal());
}

void check_digest(const std::string& wanted, const std::string& found) {
  if (wanted == found) return;
  throw Error(ErrorKind::unavailable,
              fmt::format("the registry's answer does not have the digest that was asked for: wanted {}, got {}",
                          wanted, found));
}

}  // namespace

Session::Session(http::Client& client, std::string origin, core::ImageReference reference, core::RegistryAuth auth)
    : client_(client), origin_(std::move(origin)), reference_(std::move(reference)), auth_(std::move(auth)) {
  if (!auth_.registry_token.empty()) authorization_ = "Bearer " + auth_.registry_token.reveal();
}

std::string Session::repository_url() const { return fmt::format("{}/v2/{}/", origin_, reference_.path()); }

Awaitable<Session::Document> Session::manifest(std::string tag_or_digest) {
  auto response = co_await get(repository_url() + "manifests/" + tag_or_digest, std::string(kAcceptedManifests));
  Document document{std::move(response.body), ""};
  document.digest = "sha256:" + sha256_hex(document.body);
  if (tag_or_digest.starts_with("sha256:")) check_digest(tag_or_digest, document.digest);
  co_return document;
}

Awaitable<Session::Document> Session::blob(std::string digest) {
  auto response = co_await get(repository_url() + "blobs/" + digest, "*/*");
  Document document{std::move(response.body), ""};
  document.digest = "sha256:" + sha256_hex(document.body);
  check_digest(digest, document.digest);
  co_return document;
}

Awaitable<void> Session::knock() { co_await get(origin_ + "/v2/", "*/*"); }

Awaitable<http::ClientResponse> Session::get(std::string url, std::string accept) {
  for (bool asked = false;; asked = true) {
    http::ClientRequest request{.url = url, .headers = {{"Accept", accept}}, .response_limit = kDocumentLimit};
    if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
    auto response = co_await send(std::move(request));
    if (response.status == 401 && !asked && co_await authorize(std::string(response.header("www-authenticate")))) {
      continue;
    }
    if (is_redirect(response.status)) response = co_await follow(std::move(response), url, accept);
    if (response.status != 200) throw refusal(response, reference_);
    co_return response;
  }
}

// Where a redirect leads is another service, which must not see the registry's credentials, and
// whose own (in the URL) a second Authorization would contradict.
Awaitable<http::ClientResponse> Session::follow(http::ClientResponse response, std::string url, std::string accept) {
  for (int hops = 0; is_redirect(response.status); ++hops) {
    const std::string_view location = response.header("location");
    if (hops == kMostRedirects || location.empty()) {
      throw Error(ErrorKind::unavailable, fmt::format("Get \"{}\": stopped after {} redirects", url, hops));
    }
    url = resolved(url, location);
    http::ClientRequest request{.url = url, .headers = {{"Accept", accept}}, .response_limit = kDocumentLimit};
    response = co_await send(std::move(request));
  }
  co_return response;
}

Awaitable<http::ClientResponse> Session::send(http::ClientRequest request) {
  const bool to_registry = request.url.starts_with(origin_ + "/v2/");
  const std::string named = to_registry ? origin_ + "/v2/" : request.url.substr(0, request.url.find('?'));
  try {
    co_return co_await client_.send(std::move(request));
  } catch (const http::NoAnswer& failure) {
    throw unreachable(failure, named);
  }
}

Awaitable<bool> Session::authorize(std::string challenges) {
  if (!auth_.registry_token.empty()) co_return false;
  for (Challenge& challenge : parse_challenges(challenges)) {
    if (challenge.scheme == "bearer" && !challenge.parameter("realm").empty()) {
      co_await fetch_token(std::move(challenge));
      co_return true;
    }
    if (challenge.scheme == "basic") {
      if (auth_.username.empty()) {
        throw Error(ErrorKind::unauthorized, fmt::format("Get \"{}/v2/\": no basic auth credentials", origin_));
      }
      authorization_ = basic_credentials(auth_);
      co_return true;
    }
  }
  co_return false;
}

Awaitable<void> Session::fetch_token(Challenge challenge) {
  const std::string realm = challenge.parameter("realm");
  if (!realm.starts_with("https://") && !realm.starts_with("http://")) {
    throw Error(ErrorKind::unavailable, fmt::format("the registry's token service \"{}\" is no URL", realm));
  }
  std::string scope = challenge.parameter("scope");
  if (scope.empty()) scope = fmt::format("repository:{}:pull", reference_.path());
  std::string query =
      "service=" + http::percent_encode(challenge.parameter("service")) + "&scope=" + http::percent_encode(scope);
  http::ClientRequest request{.url = realm, .response_limit = kDocumentLimit};
  if (!auth_.identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = query + "&grant_type=refresh_token&client_id=sockerless&refresh_token=" +
                   http::percent_encode(auth_.identity_token.reveal());
  } else {
    if (!auth_.username.empty()) {
      query += "&account=" + http::percent_encode(auth_.username);
      request.headers.emplace_back("Authorization", basic_credentials(auth_));
    }
    request.url += (realm.find('?') == std::string::npos ? "?" : "&") + query;
  }

  const auto response = co_await send(std::move(request));
  if (response.status == 401 || response.status == 403) {
    throw Error(ErrorKind::unauthorized, "unauthorized: incorrect username or password");
  }
  if (response.status != 200) throw refusal(response, reference_);
  const auto answer = json::parse<TokenAnswer>(response.body);
  const std::string& token = answer.token.empty() ? answer.access_token : answer.token;
  if (token.empty()) {
    throw Error(ErrorKind::unavailable, "authorization server did not include a token in the response");
  }
  authorization_ = "Bearer " + token;
}

}  // namespace sockerless::registry
