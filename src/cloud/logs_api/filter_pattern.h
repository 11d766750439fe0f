#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloud/logs_api/structured_patterns.h"

namespace sockerless::cloud::logs {

// A filter pattern of terms: `ERROR -debug ?warn ?fatal "two words"`. Every plain term must occur,
// no term with "-", and, if there are terms with "?", at least one of them. Matching is exact. An
// empty pattern matches everything.
class FilterPattern {
 public:
  // Patterns that begin with a brace or a bracket are those of structured_patterns.h; one between percent
  // signs is a regular expression, which stands alone. Throws ApiError(InvalidParameterException).
  explicit FilterPattern(std::string_view text);

  bool matches(std::string_view message) const;

 private:
  std::vector<std::string> required_;
  std::vector<std::string> excluded_;
  std::vector<std::string> alternatives_;
  Matches matches_;  // in place of the terms
};

}  // namespace sockerless::cloud::logs
