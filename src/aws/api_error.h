#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace sockerless::aws {

// AWS answered, and refused. what() names the operation, AWS's code and text, the request's id and
// where there is one the remedy.
class ApiError : public Error {
 public:
  struct Facts {
    std::string operation;
    std::string code;  // "ClusterNotFoundException"
    std::string text;  // AWS's own
    std::string request_id;
    int http_status = 0;
    std::string credentials_source;
    int attempts = 1;
  };

  explicit ApiError(Facts facts);

  const std::string& operation() const { return facts_.operation; }
  const std::string& code() const { return facts_.code; }
  const std::string& text() const { return facts_.text; }
  const std::string& request_id() const { return facts_.request_id; }
  // what() ends in what to do about it.
  bool has_remedy() const;
  int http_status() const { return facts_.http_status; }

 private:
  Facts facts_;
};

// Drops what surrounds a code on the wire: "com.amazonaws.ecs#FooException:http://…" is
// FooException.
std::string sanitized_code(std::string_view raw);

// Says "too fast": by its code, or by the text inside a code that means something else.
bool is_throttling(std::string_view code, std::string_view text);

// AWS's own trouble, gone by itself as a rule.
bool is_transient(std::string_view code, int http_status);

// Says that nothing was done. AWS's own trouble does not, it may come after the work.
bool is_refusal(const ApiError::Facts& facts);

// The credentials are wrong, expired or missing, or the signature does not fit them.
bool is_about_credentials(std::string_view code);

// May come of a wrong clock; the server's Date header tells.
bool may_be_clock_skew(std::string_view code);

}  // namespace sockerless::aws
