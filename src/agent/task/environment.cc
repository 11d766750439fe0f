#include "agent/task/environment.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace sockerless::agent {

namespace {

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

}  // namespace

std::vector<std::string> merge_environment(const std::vector<std::string>& base,
                                           const std::vector<std::string>& changes) {
  std::vector<std::string> merged = base;
  merged.reserve(base.size() + changes.size());
  std::map<std::string, std::size_t, std::less<>> places;
  for (std::size_t i = 0; i < merged.size(); ++i) places.emplace(name_of(merged[i]), i);
  for (const std::string& change : changes) {
    const bool is_removal = change.find('=') == std::string::npos;
    const auto found = places.find(name_of(change));
    if (found != places.end()) {
      merged[found->second] = is_removal ? "" : change;
    } else if (!is_removal) {
      places.emplace(name_of(change), merged.size());
      merged.push_back(change);
    }
  }
  std::erase(merged, "");
  return merged;
}

}  // namespace sockerless::agent
