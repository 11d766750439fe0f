#include "cloud/front/signature.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/sha256.h"
#include "cloud/front/api_error.h"
#include "http/target.h"

namespace sockerless::cloud {

struct Authorization {
  std::string credential;
  std::vector<std::string> signed_headers;
  std::string signature;

  std::vector<std::string> scope;  // key id, date, region, service, "aws4_request"
};

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr auto kAllowedSkew = std::chrono::minutes(15);

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Trimmed, with runs of white space collapsed: a folded line joins by one space.
std::string canonical_value(std::string_view value) {
  std::string result;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = true;
      continue;
    }
    if (gap && !result.empty()) result += ' ';
    gap = false;
    result += c;
  }
  return result;
}

// Repeated headers are one, joined by commas in the order of their appearance.
std::string joined_header(const Headers& headers, std::string_view lower_case_name) {
  std::string result;
  bool seen = false;
  for (const auto& [name, value] : headers) {
    if (lower(name) != lower_case_name) continue;
    if (seen) result += ',';
    seen = true;
    result += canonical_value(value);
  }
  return result;
}

std::string canonical_path(const std::string& path, bool normalise) {
  std::vector<std::string> segments;
  for (const std::string& segment : split(path, '/')) {
    if (normalise && (segment.empty() || segment == ".")) continue;
    if (normalise && segment == "..") {
      if (!segments.empty()) segments.pop_back();
      continue;
    }
    segments.push_back(segment);
  }
  std::string result;
  for (std::size_t i = normalise ? 0 : 1; i < segments.size(); ++i) {
    result += "/" + http::percent_encode(segments[i]);
  }
  const bool trailing = normalise && path.size() > 1 && path.back() == '/';
  return result.empty() ? "/" : trailing ? result + "/" : result;
}

std::string canonical_query(const std::string& query) {
  if (query.empty()) return "";
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string& parameter : split(query, '&')) {
    if (parameter.empty()) continue;
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto recode = [](std::string_view text) { return http::percent_encode(http::percent_decode(text)); };
    const std::string_view text = parameter;
    parameters.emplace_back(recode(text.substr(0, equals)), recode(text.substr(std::min(equals + 1, text.size()))));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string result;
  for (const auto& [name, value] : parameters) {
    result += fmt::format("{}{}={}", result.empty() ? "" : "&", name, value);
  }
  return result;
}

ApiError incomplete(std::string_view what) {
  return {"IncompleteSignatureException", fmt::format("Authorization header requires {}. Authorization=", what)};
}

ApiError invalid_signature(const std::string& message) { return {"InvalidSignatureException", message}; }

Authorization parse_authorization(const std::string& header) {
  if (header.empty()) {
    throw ApiError("MissingAuthenticationTokenException", "Request is missing Authentication Token");
  }
  std::string_view rest = header;
  if (rest.substr(0, kAlgorithm.size()) != kAlgorithm) throw incomplete("'AWS4-HMAC-SHA256'");
  rest.remove_prefix(kAlgorithm.size());

  Authorization result;
  for (const std::string& part : split(rest, ',')) {
    const std::string text = canonical_value(part);
    const auto equals = std::min(text.find('='), text.size());
    const std::string name = text.substr(0, equals);
    const std::string value = text.substr(std::min(equals + 1, text.size()));
    if (name == "Credential") result.credential = value;
    if (name == "SignedHeaders") result.signed_headers = split(value, ';');
    if (name == "Signature") result.signature = value;
  }
  if (result.credential.empty()) throw incomplete("'Credential' parameter");
  if (result.signature.empty()) throw incomplete("'Signature' parameter");
  if (result.signed_headers.empty()) throw incomplete("'SignedHeaders' parameter");
  result.scope = split(result.credential, '/');
  return result;
}

bool is_signed(const Authorization& authorization, std::string_view lower_case_name) {
  const auto& names = authorization.signed_headers;
  return std::find(names.begin(), names.end(), lower_case_name) != names.end();
}

void check_clock(const std::string& date_time, Time signed_at, Time now) {
  const std::string present = format_iso8601_basic(now);
  if (signed_at < now - kAllowedSkew) {
    throw invalid_signature(fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)", date_time,
                                        format_iso8601_basic(now - kAllowedSkew), present));
  }
  if (signed_at > now + kAllowedSkew) {
    throw invalid_signature(fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                                        date_time, format_iso8601_basic(now + kAllowedSkew), present));
  }
}

// "20150830T123600Z" in the extended form that parse_rfc3339 reads.
std::optional<Time> parse_basic(const std::string& text) {
  if (text.size() != 16) return std::nullopt;
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                                   text.substr(9, 2), text.substr(11, 2), text.substr(13, 2)));
}

}  // namespace

std::string canonical_request(const SignedRequest& request, const std::vector<std::string>& signed_headers,
                              bool normalise_path) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, canonical_path(request.path, normalise_path),
                                 canonical_query(request.query));
  for (const std::string& name : signed_headers) {
    text += fmt::format("{}:{}\n", name, joined_header(request.headers, name));
  }
  return text + fmt::format("\n{}\n{}", fmt::join(signed_headers, ";"), sha256_hex(request.body));
}

std::string signature_of(std::string_view canonical_request, std::string_view date_time, std::string_view scope,
                         const Secret& secret_access_key) {
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date_time, scope, sha256_hex(canonical_request));
  std::string key = "AWS4" + secret_access_key.reveal();
  for (const std::string& part : split(scope, '/')) key = as_text(hmac_sha256(key, part));
  return to_hex(as_text(hmac_sha256(key, to_sign)));
}

const Session* SignatureVerifier::verify(const SignedRequest& request, std::string_view service, Time now) const {
  const Authorization authorization = parse_authorization(joined_header(request.headers, "authorization"));
  const std::string date_time = joined_header(request.headers, "x-amz-date");
  const auto signed_at = parse_basic(date_time);
  if (!signed_at) throw incomplete("existence of either a 'X-Amz-Date' or a 'Date' header");

  check_scope(authorization, std::string_view(date_time).substr(0, 8), service);
  for (const auto& [header, name] : {std::pair{"host", "Host"}, std::pair{"x-amz-date", "X-Amz-Date"}}) {
    if (is_signed(authorization, header)) continue;
    throw invalid_signature(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", name));
  }
  const Session* session = sessions_ != nullptr ? sessions_->find(authorization.scope[0]) : nullptr;
  const Secret& secret = check_key(authorization, request, session);
  if (session != nullptr && session->expires <= now) {
    throw ApiError("ExpiredTokenException", "The security token included in the request is expired");
  }

  const auto& scope = authorization.scope;
  const std::string expected = signature_of(canonical_request(request, authorization.signed_headers), date_time,
                                            fmt::format("{}/{}/{}/{}", scope[1], scope[2], scope[3], scope[4]), secret);
  if (!equal_in_constant_time(expected, authorization.signature)) {
    throw invalid_signature(
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details.");
  }
  check_clock(date_time, *signed_at, now);
  return session;
}

void SignatureVerifier::check_scope(const Authorization& authorization, std::string_view date,
                                    std::string_view service) const {
  const auto& scope = authorization.scope;
  if (scope.size() != 5) {
    throw ApiError("IncompleteSignatureException",
                   "Credential must have exactly 5 slash-delimited elements, e.g. "
                   "keyid/date/region/service/term");
  }
  if (scope[4] != "aws4_request") {
    throw invalid_signature("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  if (scope[2] != region_) {
    throw invalid_signature(fmt::format("Credential should be scoped to a valid region, not '{}'.", scope[2]));
  }
  if (scope[3] != service) {
    throw invalid_signature(fmt::format("Credential should be scoped to correct service: '{}'.", service));
  }
  if (scope[1] != date) {
    throw invalid_signature(
        fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    "'{}' != '{}'.",
                    scope[1], date));
  }
}

const Secret& SignatureVerifier::check_key(const Authorization& authorization, const SignedRequest& request,
                                           const Session* session) const {
  const std::string token = joined_header(request.headers, "x-amz-security-token");
  const Secret& right_token = session != nullptr ? session->token : credentials_.session_token;
  const bool known = (session != nullptr || authorization.scope[0] == credentials_.access_key_id) &&
                     equal_in_constant_time(token, right_token.reveal());
  if (!known) {
    throw ApiError("UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  if (!token.empty() && !is_signed(authorization, "x-amz-security-token")) {
    throw invalid_signature("'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return session != nullptr ? session->secret_access_key : credentials_.secret_access_key;
}

}  // namespace sockerless::cloud
