#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sockerless::cloud {

// A failure in AWS's words: the code that clients match on, the message, the HTTP status.
class ApiError : public Error {
 public:
  ApiError(std::string_view code, const std::string& message, int status = 400)
      : Error(ErrorKind::invalid_argument, message), code_(code), status_(status) {}

  const std::string& code() const { return code_; }
  int status() const { return status_; }

  // ConflictException only: what the client token has made before.
  std::vector<std::string> resource_ids;

 private:
  std::string code_;
  int status_;
};

ApiError client_exception(const std::string& message);
ApiError invalid_parameter(const std::string& message);
ApiError server_exception(const std::string& message);
ApiError cluster_not_found();
ApiError resource_not_found(const std::string& message);
ApiError throttled();
ApiError unknown_operation();
ApiError serialization_exception(const std::string& message);

// What a failure of any kind is to an AWS client. Wrongly typed input is a SerializationException,
// everything unforeseen a 500.
ApiError to_api_error(const std::exception& failure);

// {"__type", "message"} and, for a conflict, "resourceIds".
std::string error_body(const ApiError& error);

}  // namespace sockerless::cloud
