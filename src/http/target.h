#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sockerless::http {

// Decodes %XX; a malformed escape stays as it is.
std::string percent_decode(std::string_view text);

// Encodes all but A-Z a-z 0-9 - _ . ~ with upper-case hexadecimal.
std::string percent_encode(std::string_view text);

// The request target of an HTTP message: a path, still encoded, and the decoded query.
class Target {
 public:
  Target() = default;
  explicit Target(std::string_view text);

  const std::string& path() const { return path_; }

  // Path and query as they came.
  const std::string& text() const { return text_; }

  // The first value under the name; "" for a name without a value.
  std::optional<std::string> query(std::string_view name) const;
  std::vector<std::string> query_all(std::string_view name) const;

 private:
  std::string text_;
  std::string path_;
  std::vector<std::pair<std::string, std::string>> query_;
};

}  // namespace sockerless::http
