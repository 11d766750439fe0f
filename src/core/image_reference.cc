#include "core/image_reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace sockerless::core {
namespace {

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kLegacyDefaultDomain = "index.docker.io";
constexpr std::string_view kOfficialPrefix = "library/";
constexpr std::size_t kNameLengthMax = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

template <typename Predicate>
bool all_of(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

Error invalid(std::string message) { return {ErrorKind::invalid_argument, message}; }
Error invalid_format() { return invalid("invalid reference format"); }

// [a-z0-9]+ joined by one of . _ __ or any number of dashes.
bool is_path_component(std::string_view text) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = at;
    while (at < text.size() && (is_lower(text[at]) || is_digit(text[at]))) ++at;
    if (at == begin) return false;
    if (at == text.size()) return true;
    const std::size_t separator = at;
    while (at < text.size() && text[at] == text[separator]) ++at;
    const std::size_t length = at - separator;
    switch (text[separator]) {
      case '.':
        if (length > 1) return false;
        break;
      case '_':
        if (length > 2) return false;
        break;
      case '-': break;
      default: return false;
    }
  }
}

bool is_path(std::string_view text) {
  for (;;) {
    const auto slash = text.find('/');
    if (!is_path_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_host_label(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_host_name(std::string_view text) {
  for (;;) {
    const auto dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::string_view text) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!all_of(host, [](char c) { return is_digit(c) || is_letter(c) || c == ':'; })) return false;
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    host = text.substr(0, colon);
    rest = text.substr(colon);
    if (!is_host_name(host)) return false;
  }
  if (rest.empty()) return true;
  return rest.size() > 1 && rest.front() == ':' && all_of(rest.substr(1), is_digit);
}

bool is_tag(std::string_view text) {
  const auto word = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
  return !text.empty() && text.size() <= 128 && word(text.front()) &&
         all_of(text, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

// The grammar of references wants 32 hexadecimal digits or more; which algorithms there are and
// how long their digests must be is checked apart, with sentences of its own.
bool has_digest_form(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return false;
  bool after_separator = true;
  for (const char c : text.substr(0, colon)) {
    const bool separator = c == '-' || c == '_' || c == '+' || c == '.';
    if (after_separator ? !is_letter(c) : !separator && !is_letter(c) && !is_digit(c)) return false;
    after_separator = separator;
  }
  const std::string_view hex = text.substr(colon + 1);
  return !after_separator && hex.size() >= 32 &&
         all_of(hex, [](char c) { return is_lower_hex(c) || (c >= 'A' && c <= 'F'); });
}

void check_digest(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view algorithm = text.substr(0, colon);
  const std::size_t length = algorithm == "sha256" ? 64 : algorithm == "sha384" ? 96 : algorithm == "sha512" ? 128 : 0;
  const std::string_view hex = text.substr(colon + 1);
  if (length == 0) throw invalid("unsupported digest algorithm");
  if (hex.size() != length) throw invalid("invalid checksum digest length");
  if (!all_of(hex, is_lower_hex)) throw invalid("invalid checksum digest format");
}

struct Split {
  std::string domain;
  std::string rest;
};

// Docker's rule for where the registry ends: the first part is one if it has a dot, a colon, an
// upper-case letter or is "localhost".
Split split_domain(std::string_view text) {
  Split split{std::string(kDefaultDomain), std::string(text)};
  const auto slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  const bool names_domain =
      slash != std::string_view::npos && (first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
                                          std::any_of(first.begin(), first.end(), is_upper));
  if (names_domain) {
    split.domain = first == kLegacyDefaultDomain ? kDefaultDomain : first;
    split.rest = text.substr(slash + 1);
  }
  if (split.domain == kDefaultDomain && split.rest.find('/') == std::string::npos) {
    split.rest.insert(0, kOfficialPrefix);
  }
  return split;
}

}  // namespace

ImageReference ImageReference::parse(std::string_view text) {
  if (text.size() == 64 && all_of(text, is_lower_hex)) {
    throw invalid(fmt::format("invalid repository name ({}), cannot specify 64-byte hexadecimal strings", text));
  }
  const Split split = split_domain(text);
  const std::string_view rest = split.rest;
  const std::string_view before_colon = rest.substr(0, rest.find(':'));
  if (std::any_of(before_colon.begin(), before_colon.end(), is_upper)) {
    throw invalid(fmt::format("invalid reference format: repository name ({}) must be lowercase", before_colon));
  }

  ImageReference reference;
  reference.domain_ = split.domain;
  const auto at_sign = rest.find('@');
  std::string_view name = rest.substr(0, at_sign);
  if (at_sign != std::string_view::npos) reference.digest_ = rest.substr(at_sign + 1);
  const auto colon = name.find(':');
  if (colon != std::string_view::npos) {
    reference.tag_ = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  reference.path_ = name;

  const bool has_tag = colon != std::string_view::npos;
  const bool has_digest = at_sign != std::string_view::npos;
  if (!is_domain(reference.domain_) || !is_path(name) || (has_tag && !is_tag(reference.tag_)) ||
      (has_digest && !has_digest_form(reference.digest_))) {
    throw invalid_format();
  }
  if (reference.domain_.size() + 1 + name.size() > kNameLengthMax) {
    throw invalid(fmt::format("repository name must not be more than {} characters", kNameLengthMax));
  }
  if (has_digest) check_digest(reference.digest_);
  return reference;
}

ImageReference ImageReference::with_tag(std::string_view tag) const {
  if (!is_tag(tag)) throw invalid("invalid tag format");
  ImageReference changed = *this;
  changed.tag_ = tag;
  return changed;
}

ImageReference ImageReference::with_digest(std::string_view digest) const {
  if (!has_digest_form(digest)) throw invalid("invalid digest format");
  check_digest(digest);
  ImageReference changed = *this;
  changed.digest_ = digest;
  return changed;
}

ImageReference ImageReference::with_default_tag() const {
  return tag_.empty() && digest_.empty() ? with_tag("latest") : *this;
}

ImageReference ImageReference::without_tag_and_digest() const {
  ImageReference changed = *this;
  changed.tag_.clear();
  changed.digest_.clear();
  return changed;
}

std::string ImageReference::suffix() const {
  std::string text;
  if (!tag_.empty()) text += ":" + tag_;
  if (!digest_.empty()) text += "@" + digest_;
  return text;
}

std::string ImageReference::familiar_name() const {
  if (domain_ != kDefaultDomain) return domain_ + "/" + path_;
  const std::string_view path = path_;
  const bool official =
      path.starts_with(kOfficialPrefix) && path.find('/', kOfficialPrefix.size()) == std::string_view::npos;
  return std::string(official ? path.substr(kOfficialPrefix.size()) : path);
}

std::string ImageReference::familiar() const { return familiar_name() + suffix(); }

std::string ImageReference::canonical() const { return domain_ + "/" + path_ + suffix(); }

}  // namespace sockerless::core
