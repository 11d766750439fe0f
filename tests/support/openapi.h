#pragma once

#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace sockerless::test {

// Docker's OpenAPI description (made from YAML by tools/openapi_to_json.py), to validate answers
// against. Go's null for an empty list, map or structure is taken, as Docker itself sends it.
class OpenApi {
 public:
  // Throws std::runtime_error if the file cannot be read.
  explicit OpenApi(const std::string& file);

  struct Operation {
    std::string method;  // upper case
    std::string path;    // "/containers/{id}/json"
  };
  std::vector<Operation> operations() const;

  // What is wrong with the answer's body, one line each; the path is without version and query. Nothing
  // is said of what the description does not describe.
  std::vector<std::string> violations(std::string_view method, std::string_view path, int status,
                                      const json::Value& body) const;

 private:
  struct Route {
    Operation operation;
    std::regex pattern;
    const json::Value* responses;
  };

  const json::Value* response_schema(std::string_view method, std::string_view path, int status) const;
  const json::Value& resolve(const json::Value& schema) const;
  void check(const json::Value& schema, const json::Value& value, const std::string& where,
             std::vector<std::string>& found) const;
  void check_object(const json::Value& schema, const json::Value& value, const std::string& where,
                    std::vector<std::string>& found) const;

  json::Value document_;
  std::vector<Route> routes_;
};

}  // namespace sockerless::test
