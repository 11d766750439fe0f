#include "aws/api_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sockerless::aws {
namespace {

// LimitExceededException, which SDKs count too, is missing on purpose: for ECS and Logs it is a
// quota, and waiting a second does not raise it.
constexpr std::array<std::string_view, 13> kThrottlingCodes{"Throttling",
                                                            "ThrottlingException",
                                                            "ThrottledException",
                                                            "RequestThrottledException",
                                                            "TooManyRequestsException",
                                                            "ProvisionedThroughputExceededException",
                                                            "TransactionInProgressException",
                                                            "RequestLimitExceeded",
                                                            "BandwidthLimitExceeded",
                                                            "RequestThrottled",
                                                            "SlowDown",
                                                            "PriorRequestNotComplete",
                                                            "EC2ThrottledException"};

constexpr std::array<std::string_view, 4> kThrottlingTexts{"rate exceeded", "throttling",
                                                           "too many concurrent attempts", "too many requests"};

constexpr std::array<std::string_view, 14> kCredentialCodes{"UnrecognizedClientException",
                                                            "InvalidSignatureException",
                                                            "SignatureDoesNotMatch",
                                                            "ExpiredTokenException",
                                                            "ExpiredToken",
                                                            "InvalidClientTokenId",
                                                            "MissingAuthenticationTokenException",
                                                            "MissingAuthenticationToken",
                                                            "IncompleteSignatureException",
                                                            "IncompleteSignature",
                                                            "InvalidAccessKeyId",
                                                            "AuthFailure",
                                                            "OptInRequired",
                                                            "RequestExpired"};

constexpr std::array<std::string_view, 6> kSkewCodes{"AuthFailure",          "InvalidSignatureException",
                                                     "RequestExpired",       "RequestInTheFuture",
                                                     "RequestTimeTooSkewed", "SignatureDoesNotMatch"};

template <typename List>
bool is_in(const List& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

bool is_denial(std::string_view code) {
  return code.starts_with("AccessDenied") || code.starts_with("UnauthorizedOperation") || code == "NotAuthorized";
}

// Statuses must not mislead Docker's clients: they answer a 404 by pulling the image and a 401 by
// asking for a registry's password, so what AWS refuses is 403, 503 or 500.
ErrorKind kind_of(const ApiError::Facts& facts) {
  if (is_about_credentials(facts.code) || is_denial(facts.code)) return ErrorKind::forbidden;
  if (is_throttling(facts.code, facts.text) || is_transient(facts.code, facts.http_status) ||
      facts.code == "LimitExceededException") {
    return ErrorKind::unavailable;
  }
  return ErrorKind::internal;
}

std::string remedy_for(const ApiError::Facts& facts) {
  if (is_about_credentials(facts.code)) {
    const bool expired = facts.code.starts_with("ExpiredToken");
    return fmt::format("; {} the AWS credentials that the daemon takes from {}{}", expired ? "renew" : "check",
                       facts.credentials_source.empty() ? "its configuration" : facts.credentials_source,
                       may_be_clock_skew(facts.code) ? ", the region, and this machine's clock" : "");
  }
  if (is_denial(facts.code)) {
    return fmt::format("; allow the action {} in the IAM policy of the daemon's credentials", facts.operation);
  }
  if (is_throttling(facts.code, facts.text)) {
    return fmt::format("; AWS throttles this account: tried {} times, try again later", facts.attempts);
  }
  if (facts.code == "ClusterNotFoundException") {
    return "; create the cluster or name another with SOCKERLESS_ECS_CLUSTER";
  }
  return "";
}

std::string describe(const ApiError::Facts& facts) {
  std::string message = fmt::format("{}: {}", facts.operation, facts.code);
  if (!facts.text.empty()) message += ": " + facts.text;
  if (!facts.request_id.empty()) message += fmt::format(" (request id {})", facts.request_id);
  return message + remedy_for(facts);
}

}  // namespace

ApiError::ApiError(Facts facts) : Error(kind_of(facts), describe(facts)), facts_(std::move(facts)) {}

bool ApiError::has_remedy() const { return !remedy_for(facts_).empty(); }

std::string sanitized_code(std::string_view raw) {
  raw = raw.substr(0, raw.find(':'));
  const auto hash = raw.rfind('#');
  return std::string(hash == std::string_view::npos ? raw : raw.substr(hash + 1));
}

bool is_throttling(std::string_view code, std::string_view text) {
  if (is_in(kThrottlingCodes, code)) return true;
  if (code == "LimitExceededException") return false;
  std::string lowered(text);
  for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(kThrottlingTexts.begin(), kThrottlingTexts.end(),
                     [&](std::string_view sign) { return lowered.find(sign) != std::string::npos; });
}

bool is_transient(std::string_view code, int http_status) {
  return http_status == 500 || http_status == 502 || http_status == 503 || http_status == 504 ||
         code == "RequestTimeout" || code == "RequestTimeoutException";
}

bool is_refusal(const ApiError::Facts& facts) {
  return facts.http_status < 500 || is_throttling(facts.code, facts.text);
}

bool is_about_credentials(std::string_view code) { return is_in(kCredentialCodes, code) || may_be_clock_skew(code); }

bool may_be_clock_skew(std::string_view code) { return is_in(kSkewCodes, code); }

}  // namespace sockerless::aws
