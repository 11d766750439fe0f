#pragma once

#include <stdexcept>
#include <string>

namespace sockerless {

// What went wrong, in words that mean the same to every front end. The Docker API turns a kind
// into an HTTP status, the local cloud into an AWS error code.
enum class ErrorKind {
  invalid_argument,
  unauthorized,
  forbidden,
  not_found,
  conflict,
  not_modified,
  too_large,
  timed_out,
  not_implemented,
  unavailable,
  internal,
};

// The one exception type of the project. what() is shown to the client, so it is written for the
// person who typed `docker …`. Derive from it only when some caller must catch the subtype.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace sockerless
