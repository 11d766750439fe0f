#include "core/build/build_arguments.h"

#include "core/build/dockerfile.h"

namespace sockerless::core::build {
namespace {

bool is_proxy(std::string_view name) {
  const std::string small = to_lower(name);
  if (small != name && to_upper(name) != name) return false;
  return small == "http_proxy" || small == "https_proxy" || small == "ftp_proxy" || small == "no_proxy" ||
         small == "all_proxy";
}

}  // namespace

void BuildArguments::declare_global(const std::string& name, std::optional<std::string> value) {
  globals_[name] = std::move(value);
}

void BuildArguments::declare(const std::string& name, std::optional<std::string> value) {
  declared_[name] = std::move(value);
  used_.insert(name);
}

std::optional<std::string> BuildArguments::look_up(const Defaults& defaults, std::string_view name) const {
  const auto declared = defaults.find(name);
  if (declared == defaults.end()) return std::nullopt;
  const auto given = given_.find(name);
  if (given != given_.end() && given->second) return given->second;
  if (declared->second) return declared->second;
  const auto global = globals_.find(name);
  return global == globals_.end() ? std::nullopt : global->second;
}

std::optional<std::string> BuildArguments::global(std::string_view name) const { return look_up(globals_, name); }

std::optional<std::string> BuildArguments::value(std::string_view name) const { return look_up(declared_, name); }

std::vector<std::string> BuildArguments::all() const {
  std::vector<std::string> all;
  for (const auto& [name, fallback] : declared_) {
    if (const auto value = look_up(declared_, name)) all.push_back(name + "=" + *value);
  }
  return all;
}

std::vector<std::string> BuildArguments::unused() const {
  std::vector<std::string> unused;
  for (const auto& [name, value] : given_) {
    if (used_.count(name) == 0 && !is_proxy(name)) unused.push_back(name);
  }
  return unused;
}

}  // namespace sockerless::core::build
