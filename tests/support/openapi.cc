#include "tests/support/openapi.h"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sockerless::test {
namespace {

using json::Value;

const Value* member(const Value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text_of(const Value* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : "";
}

bool is_true(const Value* value) { return value != nullptr && value->is_bool() && value->get_bool(); }

// Pointers in Docker's own structures: null where nobody has set them, as recorded answers show.
bool may_be_null(const std::string& where) {
  constexpr std::array<std::string_view, 3> kPointers{".MemorySwappiness", ".OomKillDisable", ".ExitCode"};
  return std::any_of(kPointers.begin(), kPointers.end(), [&](std::string_view name) { return where.ends_with(name); });
}

// Names of images and plugins have slashes.
std::regex pattern_of(const std::string& path) {
  const bool takes_slashes =
      path.starts_with("/images/") || path.starts_with("/plugins/") || path.starts_with("/distribution/");
  std::string pattern;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '{') {
      pattern += takes_slashes ? "(.+)" : "([^/]+)";
      at = path.find('}', at);
    } else {
      pattern += path[at];
    }
  }
  return std::regex(pattern);
}

bool has_type(std::string_view type, const Value& value) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  return type != "object" || value.is_object();
}

}  // namespace

OpenApi::OpenApi(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) throw std::runtime_error("cannot read " + file);
  document_ = json::parse_value(text.str());
  for (const auto& path : document_.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::string method(operation.key());
      std::transform(method.begin(), method.end(), method.begin(), ::toupper);
      const std::string name(path.key());
      routes_.push_back({{method, name}, pattern_of(name), member(operation.value(), "responses")});
    }
  }
  // A path without parameters goes before one that would take its words for some.
  std::stable_partition(routes_.begin(), routes_.end(),
                        [](const Route& route) { return route.operation.path.find('{') == std::string::npos; });
}

std::vector<OpenApi::Operation> OpenApi::operations() const {
  std::vector<Operation> operations;
  for (const Route& route : routes_) operations.push_back(route.operation);
  return operations;
}

const Value* OpenApi::response_schema(std::string_view method, std::string_view path, int status) const {
  for (const Route& route : routes_) {
    if (route.operation.method != method || !std::regex_match(path.begin(), path.end(), route.pattern)) continue;
    const Value* response = member(*route.responses, std::to_string(status));
    if (response == nullptr && status >= 400)
      return document_.at("definitions").as_object().if_contains("ErrorResponse");
    return response == nullptr ? nullptr : member(*response, "schema");
  }
  return nullptr;
}

std::vector<std::string> OpenApi::violations(std::string_view method, std::string_view path, int status,
                                             const Value& body) const {
  std::vector<std::string> found;
  const Value* schema = response_schema(method, path, status);
  if (schema != nullptr) check(*schema, body, fmt::format("{} {} {}", method, path, status), found);
  return found;
}

const Value& OpenApi::resolve(const Value& schema) const {
  const std::string reference = text_of(member(schema, "$ref"));
  if (reference.empty()) return schema;
  constexpr std::string_view kDefinitions = "#/definitions/";
  return resolve(document_.at("definitions").at(reference.substr(kDefinitions.size())));
}

void OpenApi::check(const Value& unresolved, const Value& value, const std::string& where,
                    std::vector<std::string>& found) const {
  const Value& schema = resolve(unresolved);
  if (const Value* parts = member(schema, "allOf")) {
    for (const Value& part : parts->as_array()) check(part, value, where, found);
  }
  const std::string type = text_of(member(schema, "type"));
  if (value.is_null()) {
    const bool may_be = is_true(member(schema, "x-nullable")) || is_true(member(unresolved, "x-nullable")) ||
                        type.empty() || type == "array" || type == "object" || may_be_null(where);
    if (!may_be) found.push_back(fmt::format("{}: null instead of {}", where, type));
    return;
  }
  if (!has_type(type, value)) {
    found.push_back(fmt::format("{}: not of type {}: {}", where, type, boost::json::serialize(value)));
    return;
  }
  if (const Value* words = member(schema, "enum")) {
    const auto& all = words->as_array();
    // An empty text is Go's word for nothing, whatever the list says.
    const bool is_nothing = value.is_string() && value.get_string().empty();
    if (!is_nothing && std::find(all.begin(), all.end(), value) == all.end()) {
      found.push_back(fmt::format("{}: {} is not in its list", where, boost::json::serialize(value)));
    }
  }
  if (type == "array") {
    const Value* items = member(schema, "items");
    std::size_t index = 0;
    for (const Value& item : value.get_array()) {
      if (items != nullptr) check(*items, item, fmt::format("{}[{}]", where, index++), found);
    }
  }
  if (value.is_object()) check_object(schema, value, where, found);
}

void OpenApi::check_object(const Value& schema, const Value& value, const std::string& where,
                           std::vector<std::string>& found) const {
  const auto& object = value.get_object();
  if (const Value* required = member(schema, "required")) {
    for (const Value& name : required->as_array()) {
      if (!object.contains(name.as_string())) found.push_back(fmt::format("{}: {} is missing", where, text_of(&name)));
    }
  }
  const Value* properties = member(schema, "properties");
  const Value* others = member(schema, "additionalProperties");
  for (const auto& item : object) {
    const std::string below = where + "." + std::string(item.key());
    const Value* known = properties == nullptr ? nullptr : member(*properties, item.key());
    if (known != nullptr) {
      check(*known, item.value(), below, found);
    } else if (others != nullptr && others->is_object()) {
      check(*others, item.value(), below, found);
    }
  }
}

}  // namespace sockerless::test
