#include "cloud/images/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kDefaultHost = "docker.io";
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestTag = 128;

Error bad_format(std::string_view detail = {}) {
  return {ErrorKind::invalid_argument, fmt::format("invalid reference format{}{}", detail.empty() ? "" : ": ", detail)};
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

// Letters and digits, between them one dot, one or two underscores, or any number of dashes.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  for (std::size_t at = 0; at < text.size();) {
    if (is_lower_or_digit(text[at])) {
      ++at;
      continue;
    }
    const char separator = text[at];
    std::size_t length = 0;
    while (at + length < text.size() && text[at + length] == separator) ++length;
    const bool allowed = (separator == '.' && length == 1) || (separator == '_' && length <= 2) || separator == '-';
    if (!allowed || !is_lower_or_digit(text[at + length])) return false;
    at += length;
  }
  return true;
}

bool is_repository(std::string_view text) {
  for (;;) {
    const auto slash = std::min(text.find('/'), text.size());
    if (!is_path_component(text.substr(0, slash))) return false;
    if (slash == text.size()) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_tag(std::string_view text) {
  const auto follows = [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= kLongestTag && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), follows);
}

bool is_host(std::string_view text) {
  const auto allowed = [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

// Docker's rule: the first part is a host if nothing else can look like it.
bool looks_like_host(std::string_view part) {
  return part.find_first_of(".:") != std::string_view::npos || part == "localhost" ||
         std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string Reference::text() const {
  return fmt::format("{}/{}{}{}{}{}", host, repository, tag.empty() ? "" : ":", tag, digest.empty() ? "" : "@", digest);
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (!text.starts_with(kAlgorithm) || text.size() != kAlgorithm.size() + 64) return false;
  text.remove_prefix(kAlgorithm.size());
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Reference parse_reference(std::string_view text) {
  Reference reference;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    if (!is_digest(reference.digest)) throw bad_format();
    text = text.substr(0, at);
  }
  const auto slash = text.find('/');
  std::string_view rest = text;
  reference.host = kDefaultHost;
  if (slash != std::string_view::npos && looks_like_host(text.substr(0, slash))) {
    reference.host = text.substr(0, slash);
    rest = text.substr(slash + 1);
    if (!is_host(reference.host)) throw bad_format();
  }
  if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    if (!is_tag(reference.tag)) throw bad_format();
    rest = rest.substr(0, colon);
  }
  reference.repository = rest;
  if (!is_repository(rest) || rest.size() > kLongestName) {
    const bool upper = std::any_of(rest.begin(), rest.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    throw bad_format(upper ? "repository name must be lowercase" : "");
  }
  if (reference.host == "index.docker.io" || reference.host == "registry-1.docker.io") reference.host = kDefaultHost;
  if (reference.host == kDefaultHost && rest.find('/') == std::string_view::npos) {
    reference.repository = fmt::format("library/{}", rest);
  }
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

}  // namespace sockerless::cloud
