#include "cloud/runner/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/error.h"

namespace sockerless::cloud {

std::string prepare_folder(const std::string& folder) {
  std::filesystem::create_directories(folder);
  return std::filesystem::canonical(folder).string();
}

void check_id(const std::string& id) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (id.empty() || id.front() == '.' || !std::all_of(id.begin(), id.end(), allowed)) {
    throw Error(ErrorKind::invalid_argument, fmt::format("invalid id \"{}\"", id));
  }
}

Descriptor lock_folder(const std::string& folder) {
  Descriptor lock = lock_file(folder + "/lock", IfLocked::give_up);
  if (!lock.is_open()) throw Error(ErrorKind::conflict, fmt::format("{} is in use by another process", folder));
  return lock;
}

}  // namespace sockerless::cloud
