#include "registry/refusal.h"

#include <fmt/format.h>

#include <array>

#include "base/json.h"
#include "registry/challenge.h"

namespace sockerless::registry {
namespace {

struct ErrorEntry {
  std::string code;
  std::string message;

  static constexpr auto fields() {
    return std::tuple{json::field("code", &ErrorEntry::code), json::field("message", &ErrorEntry::message)};
  }
};

struct ErrorDocument {
  std::vector<ErrorEntry> errors;

  static constexpr auto fields() { return std::tuple{json::field("errors", &ErrorDocument::errors)}; }
};

ErrorEntry denied(std::string message = "requested access to the resource is denied") {
  return {"DENIED", std::move(message)};
}

ErrorEntry entry_of_status(int status) {
  switch (status) {
    case 401: return {"UNAUTHORIZED", "authentication required"};
    case 403: return denied();
    case 404: return {"MANIFEST_UNKNOWN", "manifest unknown"};
    case 429: return {"TOOMANYREQUESTS", "too many requests"};
    default: return {};
  }
}

// The order in which Docker looks: the OAuth error of the challenge, the body, the status.
ErrorEntry entry_of(const http::ClientResponse& response) {
  for (const Challenge& challenge : parse_challenges(response.header("www-authenticate"))) {
    if (challenge.scheme != "bearer") continue;
    if (challenge.parameter("error") == "insufficient_scope") return denied();
    if (challenge.parameter("error") == "invalid_token") return {"UNAUTHORIZED", "authentication required"};
  }
  try {
    const auto document = json::parse<ErrorDocument>(response.body);
    if (!document.errors.empty() && !document.errors.front().code.empty()) return document.errors.front();
  } catch (const Error&) {
    // A proxy's page, as a rule: the status says enough.
  }
  return entry_of_status(response.status);
}

// As Docker prints an error of the registry: "manifest unknown: manifest unknown".
std::string text_of(const ErrorEntry& entry) {
  std::string code = entry.code;
  for (char& c : code) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return entry.message.empty() ? code : code + ": " + entry.message;
}

std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  return std::string(url.substr(0, url.find('/')));
}

struct Cause {
  std::string_view sign;     // in curl's or the system's words
  std::string_view dialing;  // in Go's
};

constexpr std::array<Cause, 5> kCauses{{{"Connection refused", "connect: connection refused"},
                                        {"Network is unreachable", "connect: network is unreachable"},
                                        {"No route to host", "connect: no route to host"},
                                        {"timed out", "i/o timeout"},
                                        {"imeout", "i/o timeout"}}};

}  // namespace

Error refusal(const http::ClientResponse& response, const core::ImageReference& reference) {
  const ErrorEntry entry = entry_of(response);
  const std::string name = reference.familiar_name();
  if (entry.code == "DENIED") {
    return {ErrorKind::not_found,
            fmt::format("pull access denied for {}, repository does not exist or may require 'docker login': {}", name,
                        text_of(entry))};
  }
  if (entry.code == "MANIFEST_UNKNOWN") {
    return {ErrorKind::not_found, fmt::format("manifest for {} not found: {}", reference.familiar(), text_of(entry))};
  }
  if (entry.code == "NAME_UNKNOWN") {
    return {ErrorKind::not_found, fmt::format("repository {} not found: {}", name, text_of(entry))};
  }
  if (entry.code == "UNAUTHORIZED") return {ErrorKind::unauthorized, text_of(entry)};
  if (!entry.code.empty()) return {ErrorKind::unavailable, text_of(entry)};
  return {ErrorKind::unavailable, fmt::format("received unexpected HTTP status: {}", response.status)};
}

Error unreachable(const http::NoAnswer& failure, const std::string& url) {
  const std::string why = failure.what();
  const std::string host = host_of(url);
  const auto error = [&](std::string_view cause) {
    return Error(ErrorKind::unavailable, fmt::format("Get \"{}\": {}", url, cause));
  };
  if (why.find("resolve host") != std::string::npos) {
    return error(fmt::format("dial tcp: lookup {}: no such host", host.substr(0, host.find(':'))));
  }
  if (why.find("wrong version number") != std::string::npos) {
    return error("http: server gave HTTP response to HTTPS client");
  }
  if (!failure.was_sent()) {
    for (const Cause& cause : kCauses) {
      if (why.find(cause.sign) != std::string::npos) return error(fmt::format("dial tcp {}: {}", host, cause.dialing));
    }
  }
  return error(why);
}

}  // namespace sockerless::registry
