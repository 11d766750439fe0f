#pragma once

#include <string>
#include <utility>

namespace sockerless {

// A value that must never reach a log, an error text or a listing: it has no conversion to text,
// whoever needs the value says so with reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace sockerless
