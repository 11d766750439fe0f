#pragma once

#include <string>

#include "aws/client.h"

namespace sockerless::aws {

inline constexpr Service kSts{"STS", "sts", "sts", "", "STS"};

struct CallerIdentity {
  std::string account;
  std::string arn;
  std::string user_id;
};

// The "who am I" call, which any valid credentials may make.
class Sts {
 public:
  explicit Sts(Client& client) : client_(client) {}

  Awaitable<CallerIdentity> get_caller_identity();

 private:
  Client& client_;
};

}  // namespace sockerless::aws
