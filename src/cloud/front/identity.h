#pragma once

#include <string>

namespace sockerless::cloud {

// Whose cloud this is: what every ARN begins with.
struct Identity {
  std::string region;
  std::string account;

  std::string arn(const std::string& service, const std::string& resource) const {
    return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource;
  }
  // The only principal: whoever has the configured key.
  std::string caller_arn() const { return "arn:aws:iam::" + account + ":root"; }
};

}  // namespace sockerless::cloud
