#include "aws/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/sha256.h"
#include "http/target.h"

namespace sockerless::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// Proxies and libraries add, drop or change these on the way.
constexpr std::array<std::string_view, 12> kUnsignedHeaders{
    "authorization", "connection",        "expect",  "keep-alive", "proxy-authenticate", "te",
    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",    "proxy-authorization"};

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lowered;
}

// Without white space at the ends, every run of it inside (a folded line too) one space.
std::string collapse(std::string_view value) {
  std::string collapsed;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !collapsed.empty();
      continue;
    }
    if (gap) collapsed += ' ';
    gap = false;
    collapsed += c;
  }
  return collapsed;
}

std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    at = end + 1;
  }
  std::string result;
  for (const std::string_view segment : segments) result.append("/").append(segment);
  if (result.empty() || path.ends_with('/')) result += '/';
  return result;
}

std::string canonical_path(const std::string& path, const SigningOptions& options) {
  const std::string chosen = options.normalize_path ? normalized(path) : path;
  std::string encoded;
  std::string_view rest = chosen;
  for (;;) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    encoded += options.double_encode_path ? http::percent_encode(segment)
                                          : http::percent_encode(http::percent_decode(segment));
    if (slash == std::string_view::npos) break;
    encoded += '/';
    rest.remove_prefix(slash + 1);
  }
  return encoded.empty() ? "/" : encoded;
}

using EncodedQuery = std::vector<std::pair<std::string, std::string>>;

EncodedQuery encoded_query(std::string_view query) {
  EncodedQuery pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    const auto encode = [](std::string_view part) { return http::percent_encode(http::percent_decode(part)); };
    if (!pair.empty()) {
      pairs.emplace_back(encode(pair.substr(0, equals)), encode(pair.substr(std::min(equals + 1, pair.size()))));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return pairs;
}

std::string canonical_query(EncodedQuery pairs) {
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;  // "host;x-amz-date"
};

CanonicalHeaders canonical_headers(const HeaderList& headers) {
  std::map<std::string, std::string> by_name;
  for (const auto& [name, value] : headers) {
    const std::string key = lower(name);
    if (std::find(kUnsignedHeaders.begin(), kUnsignedHeaders.end(), key) != kUnsignedHeaders.end()) {
      continue;
    }
    const auto [existing, is_new] = by_name.try_emplace(key, collapse(value));
    if (!is_new) existing->second += "," + collapse(value);
  }
  CanonicalHeaders canonical;
  for (const auto& [name, value] : by_name) {
    canonical.lines.append(name).append(":").append(value).append("\n");
    if (!canonical.names.empty()) canonical.names += ';';
    canonical.names += name;
  }
  return canonical;
}

std::string credential_scope(const SigningScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", format_iso8601_basic(scope.time).substr(0, 8), scope.region,
                     scope.service);
}

std::string sign(const std::string& text, const Credentials& credentials, const SigningScope& scope) {
  const std::string date = format_iso8601_basic(scope.time).substr(0, 8);
  auto key = hmac_sha256("AWS4" + credentials.secret_access_key.reveal(), date);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = hmac_sha256(as_text(key), part);
  }
  return to_hex(as_text(hmac_sha256(as_text(key), text)));
}

Signature finish(std::string canonical_request, const Credentials& credentials, const SigningScope& scope) {
  Signature signature;
  signature.string_to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, format_iso8601_basic(scope.time),
                                         credential_scope(scope), sha256_hex(canonical_request));
  signature.canonical_request = std::move(canonical_request);
  signature.signature = sign(signature.string_to_sign, credentials, scope);
  return signature;
}

}  // namespace

Signature sign_headers(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope,
                       const SigningOptions& options) {
  const std::string body_hash = sha256_hex(request.body);
  HeaderList additions{{"X-Amz-Date", format_iso8601_basic(scope.time)}};
  if (options.sign_body_hash_header) additions.emplace_back("X-Amz-Content-Sha256", body_hash);
  HeaderList unsigned_additions;
  if (!credentials.session_token.empty()) {
    (options.sign_session_token ? additions : unsigned_additions)
        .emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  HeaderList signed_headers = request.headers;
  signed_headers.insert(signed_headers.end(), additions.begin(), additions.end());

  const CanonicalHeaders headers = canonical_headers(signed_headers);
  Signature signature =
      finish(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.path, options),
                         canonical_query(encoded_query(request.query)), headers.lines, headers.names, body_hash),
             credentials, scope);
  signature.additions = std::move(additions);
  signature.additions.insert(signature.additions.end(), unsigned_additions.begin(), unsigned_additions.end());
  signature.additions.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, credentials.access_key_id,
                  credential_scope(scope), headers.names, signature.signature));
  return signature;
}

Signature sign_query(const SignableRequest& request, const Credentials& credentials, const SigningScope& scope,
                     std::chrono::seconds expires, const SigningOptions& options) {
  const CanonicalHeaders headers = canonical_headers(request.headers);
  HeaderList additions{{"X-Amz-Algorithm", std::string(kAlgorithm)},
                       {"X-Amz-Credential", credentials.access_key_id + "/" + credential_scope(scope)},
                       {"X-Amz-Date", format_iso8601_basic(scope.time)},
                       {"X-Amz-SignedHeaders", headers.names},
                       {"X-Amz-Expires", std::to_string(expires.count())}};
  HeaderList unsigned_additions;
  if (!credentials.session_token.empty()) {
    (options.sign_session_token ? additions : unsigned_additions)
        .emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  EncodedQuery query = encoded_query(request.query);
  for (const auto& [name, value] : additions) {
    query.emplace_back(http::percent_encode(name), http::percent_encode(value));
  }
  Signature signature =
      finish(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.path, options),
                         canonical_query(std::move(query)), headers.lines, headers.names, sha256_hex(request.body)),
             credentials, scope);
  signature.additions = std::move(additions);
  signature.additions.insert(signature.additions.end(), unsigned_additions.begin(), unsigned_additions.end());
  signature.additions.emplace_back("X-Amz-Signature", signature.signature);
  return signature;
}

}  // namespace sockerless::aws
