#include "cloud/front/sts.h"

#include <fmt/format.h>

#include "base/sha256.h"
#include "http/target.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

std::string escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '&': result += "&amp;"; break;
      default: result += c;
    }
  }
  return result;
}

std::string_view query_code(std::string_view json_code) {
  if (json_code == "InvalidSignatureException") return "SignatureDoesNotMatch";
  if (json_code == "UnrecognizedClientException") return "InvalidClientTokenId";
  if (json_code == "MissingAuthenticationTokenException") return "MissingAuthenticationToken";
  if (json_code == "IncompleteSignatureException") return "IncompleteSignature";
  if (json_code == "ExpiredTokenException") return "ExpiredToken";
  return json_code;
}

// The account for its root; ROLEID:SESSION for a role.
std::string user_id_of(const Caller& caller) {
  const auto session = caller.arn.rfind('/');
  if (session == std::string::npos) return caller.account;
  return "AROALOCAL" + sha256_hex(caller.arn.substr(0, session)).substr(0, 12) + ":" + caller.arn.substr(session + 1);
}

}  // namespace

std::string sts_answer(const std::string& form, const Caller& caller, const std::string& request_id) {
  const std::string action = http::Target("/?" + form).query("Action").value_or("");
  if (action != "GetCallerIdentity") {
    throw ApiError("InvalidAction", fmt::format("Could not find operation {} for version 2011-06-15", action));
  }
  return fmt::format(
      "<GetCallerIdentityResponse xmlns=\"{}\"><GetCallerIdentityResult><Arn>{}</Arn>"
      "<UserId>{}</UserId><Account>{}</Account></GetCallerIdentityResult><ResponseMetadata>"
      "<RequestId>{}</RequestId></ResponseMetadata></GetCallerIdentityResponse>\n",
      kNamespace, escape(caller.arn), user_id_of(caller), caller.account, request_id);
}

std::string sts_error_body(const ApiError& error, const std::string& request_id) {
  return fmt::format(
      "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message>"
      "</Error><RequestId>{}</RequestId></ErrorResponse>\n",
      kNamespace, error.status() >= 500 ? "Receiver" : "Sender", query_code(error.code()), escape(error.what()),
      request_id);
}

int sts_error_status(const ApiError& error) { return query_code(error.code()) == error.code() ? error.status() : 403; }

}  // namespace sockerless::cloud
