#include "cloud/runner/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>

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
  Descriptor lock(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) throw std::system_error(errno, std::generic_category(), "cannot open " + folder + "/lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) < 0) {
    throw Error(ErrorKind::conflict, fmt::format("{} is in use by another process", folder));
  }
  return lock;
}

}  // namespace sockerless::cloud
