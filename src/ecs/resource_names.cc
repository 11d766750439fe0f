#include "ecs/resource_names.h"

#include <algorithm>
#include <array>

namespace sockerless::ecs {
namespace {

constexpr std::size_t kLongestCluster = 255;
constexpr std::size_t kLongestLogGroup = 512;
constexpr std::size_t kAccountDigits = 12;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool is_of(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return kLetters.find(c) != std::string_view::npos || kDigits.find(c) != std::string_view::npos ||
           extra.find(c) != std::string_view::npos;
  });
}

// AWS has 8 or 17 hexadecimal digits behind the prefix; emulators have words.
bool is_prefixed_id(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) && text.size() > prefix.size() && is_of(text, "-");
}

// The six parts of an ARN; the last one keeps its colons. Empty ones if the text is no ARN.
std::array<std::string_view, 6> arn_parts(std::string_view text) {
  std::array<std::string_view, 6> parts;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {};
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts.back() = text;
  return parts;
}

bool is_arn(const std::array<std::string_view, 6>& parts, std::string_view service, std::string_view resource) {
  const std::string_view account = parts[4];
  const bool is_account = account.size() == kAccountDigits && account.find_first_not_of(kDigits) == account.npos;
  return parts[0] == "arn" && parts[2] == service && is_account && parts[5].starts_with(resource) &&
         parts[5].size() > resource.size();
}

}  // namespace

bool can_be_subnet(std::string_view text) { return is_prefixed_id(text, "subnet-"); }

bool can_be_security_group(std::string_view text) { return is_prefixed_id(text, "sg-"); }

bool can_be_file_system(std::string_view text) { return is_prefixed_id(text, "fs-"); }

bool can_be_cluster(std::string_view text) {
  if (text.starts_with("arn:")) return is_arn(arn_parts(text), "ecs", "cluster/");
  return !text.empty() && text.size() <= kLongestCluster && is_of(text, "-_");
}

bool can_be_log_group(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLogGroup && is_of(text, "_-/.#");
}

bool can_be_role_arn(std::string_view text, std::string_view partition) {
  const auto parts = arn_parts(text);
  return is_arn(parts, "iam", "role/") && parts[1] == partition;
}

bool can_be_secret_arn(std::string_view text, std::string_view partition) {
  const auto parts = arn_parts(text);
  return is_arn(parts, "secretsmanager", "secret:") && parts[1] == partition;
}

}  // namespace sockerless::ecs
