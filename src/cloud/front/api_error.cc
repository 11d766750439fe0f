#include "cloud/front/api_error.h"

#include "base/json.h"

namespace sockerless::cloud {
namespace {

struct ErrorBody {
  std::string type;
  std::string message;
  std::vector<std::string> resource_ids;

  static constexpr auto fields() {
    return std::tuple{json::field("__type", &ErrorBody::type), json::field("message", &ErrorBody::message),
                      json::field("resourceIds", &ErrorBody::resource_ids, json::Emit::omit_empty)};
  }
};

std::string_view code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return "SerializationException";
    case ErrorKind::unauthorized: return "UnrecognizedClientException";
    case ErrorKind::forbidden: return "AccessDeniedException";
    case ErrorKind::not_found: return "ResourceNotFoundException";
    case ErrorKind::conflict: return "ConflictException";
    case ErrorKind::too_large: return "RequestEntityTooLargeException";
    case ErrorKind::not_implemented: return "UnsupportedFeatureException";
    case ErrorKind::not_modified:
    case ErrorKind::timed_out:
    case ErrorKind::unavailable:
    case ErrorKind::internal: return "ServerException";
  }
  return "ServerException";
}

}  // namespace

ApiError client_exception(const std::string& message) { return {"ClientException", message}; }

ApiError invalid_parameter(const std::string& message) { return {"InvalidParameterException", message}; }

ApiError server_exception(const std::string& message) { return {"ServerException", message, 500}; }

ApiError cluster_not_found() { return {"ClusterNotFoundException", "Cluster not found."}; }

ApiError resource_not_found(const std::string& message) { return {"ResourceNotFoundException", message}; }

ApiError throttled() { return {"ThrottlingException", "Rate exceeded"}; }

ApiError unknown_operation() { return {"UnknownOperationException", ""}; }

ApiError serialization_exception(const std::string& message) { return {"SerializationException", message}; }

ApiError to_api_error(const std::exception& failure) {
  if (const auto* api = dynamic_cast<const ApiError*>(&failure)) return *api;
  if (const auto* error = dynamic_cast<const Error*>(&failure)) {
    const auto code = code_of(error->kind());
    const int status = code == "ServerException" ? 500 : error->kind() == ErrorKind::too_large ? 413 : 400;
    return {code, error->what(), status};
  }
  return server_exception(failure.what());
}

std::string error_body(const ApiError& error) {
  return json::to_text(ErrorBody{error.code(), error.what(), error.resource_ids});
}

}  // namespace sockerless::cloud
