#pragma once

#include <string>

#include "cloud/front/api_error.h"

namespace sockerless::cloud {

// The Security Token Service by the query protocol: a form in, XML out. GetCallerIdentity only.

struct Caller {
  std::string account;
  std::string arn;
};

// Throws ApiError for any other action.
std::string sts_answer(const std::string& form, const Caller& caller, const std::string& request_id);

// The query protocol's own codes stand in for those of the JSON protocol.
std::string sts_error_body(const ApiError& error, const std::string& request_id);
int sts_error_status(const ApiError& error);

}  // namespace sockerless::cloud
