#include "aws/shared_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace sockerless::aws {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// A comment begins with a blank and # or ;. Without the blank the character is part of the value.
std::string_view without_comment(std::string_view value) {
  for (const char* mark : {" #", " ;", "\t#", "\t;"}) value = value.substr(0, value.find(mark));
  return trimmed(value);
}

using Sections = std::map<std::string, SharedConfig::Section>;

// By name as it stands between the brackets, blanks within reduced to one. Indented lines are a
// block of the key above them: `s3 =` and `  addressing_style = path` give "s3.addressing_style".
Sections parse_sections(std::string_view text) {
  Sections sections;
  SharedConfig::Section* current = nullptr;
  std::string block;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (content.front() == '[') {
      const std::string_view inside = content.substr(1, content.find(']') - 1);
      std::istringstream words{std::string(inside)};
      std::string name;
      for (std::string word; words >> word;) name += (name.empty() ? "" : " ") + word;
      current = &sections[name];
      block.clear();
      continue;
    }
    const auto equals = content.find('=');
    if (current == nullptr || equals == std::string_view::npos) continue;
    const std::string key = lowered(trimmed(content.substr(0, equals)));
    const std::string_view value = without_comment(content.substr(equals + 1));
    const bool is_nested = kBlanks.find(line.front()) != std::string_view::npos && !block.empty();
    (*current)[is_nested ? block + "." + key : key] = std::string(value);
    if (!is_nested) block = value.empty() ? key : "";
  }
  return sections;
}

// A quoted name reads like one without quotes: [profile "build box"].
std::string unquoted(std::string name) {
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') return name.substr(1, name.size() - 2);
  return name;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string path_of(const Environment& environment, const std::string& name, const std::string& fallback) {
  std::string path = variable_of(environment, name);
  if (path.empty()) return fallback;
  if (path.starts_with("~/")) path = variable_of(environment, "HOME") + path.substr(1);
  return path;
}

}  // namespace

std::string variable_of(const Environment& environment, const std::string& name) {
  return environment(name).value_or("");
}

SharedConfig SharedConfig::parse(std::string_view config, std::string_view credentials) {
  SharedConfig result;
  for (auto& [name, section] : parse_sections(config)) {
    if (name == "default") {
      result.profiles_["default"] = section;
    } else if (name.starts_with("profile ")) {
      result.profiles_[unquoted(name.substr(8))] = section;
    } else if (name.starts_with("sso-session ")) {
      result.sso_sessions_[unquoted(name.substr(12))] = section;
    } else if (name.starts_with("services ")) {
      result.services_[unquoted(name.substr(9))] = section;
    }
  }
  for (auto& [name, section] : parse_sections(credentials)) {
    for (const auto& [key, value] : section) result.profiles_[unquoted(name)][key] = value;
  }
  return result;
}

SharedConfig SharedConfig::load(const Environment& environment) {
  const std::string folder = variable_of(environment, "HOME") + "/.aws";
  const std::string config = path_of(environment, "AWS_CONFIG_FILE", folder + "/config");
  const std::string credentials = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", folder + "/credentials");
  SharedConfig result = parse(content_of(config), content_of(credentials));
  result.origin_ = fmt::format("{} and {}", config, credentials);
  result.folder_ = folder;
  return result;
}

const SharedConfig::Section* SharedConfig::profile(const std::string& name) const {
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : &found->second;
}

const SharedConfig::Section* SharedConfig::sso_session(const std::string& name) const {
  const auto found = sso_sessions_.find(name);
  return found == sso_sessions_.end() ? nullptr : &found->second;
}

std::string SharedConfig::endpoint_url(const std::string& profile_name, std::string_view service_id) const {
  const Section* section = profile(profile_name);
  if (section == nullptr) return "";
  const auto services = services_.find(value_in(*section, "services"));
  if (services != services_.end()) {
    const std::string own = value_in(services->second, lowered(service_id) + ".endpoint_url");
    if (!own.empty()) return own;
  }
  return value_in(*section, "endpoint_url");
}

std::string profile_name(const Environment& environment) {
  for (const char* name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    if (std::string value = variable_of(environment, name); !value.empty()) return value;
  }
  return "default";
}

std::string value_in(const SharedConfig::Section& section, std::string_view key) {
  const auto found = section.find(key);
  return found == section.end() ? "" : found->second;
}

}  // namespace sockerless::aws
