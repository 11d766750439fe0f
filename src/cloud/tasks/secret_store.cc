#include "cloud/tasks/secret_store.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "base/json.h"
#include "cloud/tasks/volumes.h"

namespace sockerless::cloud {
namespace {

using Secrets = std::map<std::string, std::string>;

constexpr std::string_view kUnable =
    "unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ";
constexpr std::size_t kSuffix = 7;  // "-AbCdEf", which Secrets Manager adds to a name

Secrets read_secrets(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InitializationError(
        fmt::format("{}secrets: cannot read {}: give --secrets a file that exists", kUnable, path));
  }
  try {
    return json::parse<Secrets>(std::string(std::istreambuf_iterator<char>(file), {}));
  } catch (const Error& error) {
    throw InitializationError(
        fmt::format("{}secrets: {} is not a JSON object of texts: {}", kUnable, path, error.what()));
  }
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<std::string> find(const Secrets& secrets, const std::string& name) {
  const auto found = secrets.find(name);
  if (found == secrets.end()) return std::nullopt;
  return found->second;
}

std::string member_of(const std::string& document, const std::string& key) {
  try {
    const json::Value parsed = json::parse_value(document);
    const auto* object = parsed.if_object();
    const json::Value* member = object != nullptr ? object->if_contains(key) : nullptr;
    if (member != nullptr) return member->is_string() ? json::from_value<std::string>(*member) : json::to_text(*member);
  } catch (const Error&) {
    throw InitializationError(
        fmt::format("{}secret from asm: retrieved secret from Secrets Manager is not JSON, "
                    "but its key {} is asked for",
                    kUnable, key));
  }
  throw InitializationError(fmt::format(
      "{}secret from asm: retrieved secret from Secrets Manager did not contain json key {}", kUnable, key));
}

// arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[-SUFFIX][:JSON-KEY[:STAGE[:VERSION]]]
std::string resolve_secret(const Secrets& secrets, const std::string& value_from) {
  std::vector<std::string> parts = split(value_from);
  constexpr std::size_t kName = 6;
  const std::string key = parts.size() > kName + 1 ? parts[kName + 1] : "";
  parts.resize(std::min(parts.size(), kName + 1));
  const std::string arn = fmt::format("{}", fmt::join(parts, ":"));
  const std::string name = parts.size() > kName ? parts[kName] : "";
  auto value = find(secrets, arn);
  if (!value) value = find(secrets, name);
  if (!value && name.size() > kSuffix && name[name.size() - kSuffix] == '-') {
    value = find(secrets, name.substr(0, name.size() - kSuffix));
  }
  if (!value) {
    throw InitializationError(fmt::format(
        "{}secret from asm: service call has been retried 1 time(s): failed to fetch secret {} from secrets "
        "manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
        kUnable, arn));
  }
  return key.empty() ? *value : member_of(*value, key);
}

// NAME, /PATH/NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME
std::string resolve_parameter(const Secrets& secrets, const std::string& value_from) {
  if (const auto value = find(secrets, value_from)) return *value;
  constexpr std::string_view kParameter = ":parameter/";
  const auto at = value_from.find(kParameter);
  if (at != std::string::npos) {
    const std::string name = value_from.substr(at + kParameter.size());
    if (const auto value = find(secrets, name)) return *value;
    if (const auto value = find(secrets, "/" + name)) return *value;
  }
  throw InitializationError(fmt::format(
      "{}secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: {}", kUnable, value_from));
}

}  // namespace

std::string SecretStore::resolve(const std::string& value_from) const {
  const Secrets secrets = read_secrets(path_);
  const bool is_secret =
      value_from.compare(0, 4, "arn:") == 0 && value_from.find(":secretsmanager:") != std::string::npos;
  return is_secret ? resolve_secret(secrets, value_from) : resolve_parameter(secrets, value_from);
}

}  // namespace sockerless::cloud
