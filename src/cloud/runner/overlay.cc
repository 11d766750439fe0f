#include "cloud/runner/overlay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "cloud/images/descriptor.h"

namespace sockerless::cloud {
namespace {

Descriptor open_folder(const std::string& path) {
  Descriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) throw std::system_error(errno, std::generic_category(), "cannot open " + path);
  return folder;
}

// Options of a mount fit in one page, and 40 layers with their full paths don't. Also, no comma or
// colon in a path can be misread this way.
std::string short_path(const Descriptor& folder) { return fmt::format("/proc/self/fd/{}", folder.get()); }

// mountinfo writes spaces and the like as three octal digits.
std::string decode(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace

void mount_overlay(const std::vector<std::string>& layers, const std::string& upper, const std::string& work,
                   const std::string& target) {
  // The upper folder is what is seen of the root folder itself.
  struct stat root {};
  if (!layers.empty() && ::stat(layers.back().c_str(), &root) == 0) {
    if (::chmod(upper.c_str(), root.st_mode & 07777) < 0 || ::chown(upper.c_str(), root.st_uid, root.st_gid) < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot prepare " + upper);
    }
  }
  std::vector<Descriptor> folders;
  std::string lower;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    folders.push_back(open_folder(*layer));
    lower += (lower.empty() ? "" : ":") + short_path(folders.back());
  }
  const Descriptor upper_folder = open_folder(upper);
  const Descriptor work_folder = open_folder(work);
  const std::string options =
      fmt::format("lowerdir={},upperdir={},workdir={}", lower, short_path(upper_folder), short_path(work_folder));
  // "volatile" spares the writing back of a file system that is about to be deleted; Linux 5.10.
  if (::mount("overlay", target.c_str(), "overlay", 0, (options + ",volatile").c_str()) == 0) return;
  if (::mount("overlay", target.c_str(), "overlay", 0, options.c_str()) == 0) return;
  throw std::system_error(errno, std::generic_category(), "cannot mount an overlay on " + target);
}

void unmount(const std::string& target) {
  if (::umount2(target.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0 || errno == EINVAL || errno == ENOENT) return;
  throw std::system_error(errno, std::generic_category(), "cannot unmount " + target);
}

std::vector<std::string> mounts_below(const std::string& folder) {
  std::vector<std::string> found;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    const std::string target = decode(field);
    if (target == folder || target.starts_with(folder + "/")) found.push_back(target);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace sockerless::cloud
