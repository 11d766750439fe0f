#include "cloud/front/sts.h"

#include <fmt/format.h>

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

}  // namespace

std::string sts_answer(const std::string& form, const Identity& identity, const std::string& request_id) {
  const std::string action = http::Target("/?" + form).query("Action").value_or("");
  if (action != "GetCallerIdentity") {
    throw ApiError("InvalidAction", fmt::format("Could not find operation {} for version 2011-06-15", action));
  }
  return fmt::format(
      "<GetCallerIdentityResponse xmlns=\"{}\"><GetCallerIdentityResult><Arn>{}</Arn>"
      "<UserId>{}</UserId><Account>{}</Account></GetCallerIdentityResult><ResponseMetadata>"
      "<RequestId>{}</RequestId></ResponseMetadata></GetCallerIdentityResponse>\n",
      kNamespace, escape(identity.caller_arn()), identity.account, identity.account, request_id);
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
