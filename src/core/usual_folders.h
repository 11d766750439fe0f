#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sockerless::core {

// Folders of the file system hierarchy that images have as a rule. Nobody here has an image's files,
// so these are taken to be there.
inline constexpr std::array<std::string_view, 40> kUsualFolders = {"/bin",
                                                                   "/boot",
                                                                   "/dev",
                                                                   "/etc",
                                                                   "/home",
                                                                   "/lib",
                                                                   "/lib64",
                                                                   "/media",
                                                                   "/mnt",
                                                                   "/opt",
                                                                   "/proc",
                                                                   "/root",
                                                                   "/run",
                                                                   "/sbin",
                                                                   "/srv",
                                                                   "/sys",
                                                                   "/tmp",
                                                                   "/usr",
                                                                   "/usr/bin",
                                                                   "/usr/include",
                                                                   "/usr/lib",
                                                                   "/usr/local",
                                                                   "/usr/local/bin",
                                                                   "/usr/local/etc",
                                                                   "/usr/local/lib",
                                                                   "/usr/local/sbin",
                                                                   "/usr/local/share",
                                                                   "/usr/sbin",
                                                                   "/usr/share",
                                                                   "/usr/src",
                                                                   "/var",
                                                                   "/var/cache",
                                                                   "/var/lib",
                                                                   "/var/lock",
                                                                   "/var/log",
                                                                   "/var/mail",
                                                                   "/var/opt",
                                                                   "/var/run",
                                                                   "/var/spool",
                                                                   "/var/tmp"};

inline bool is_usual_folder(std::string_view path) {
  return std::find(kUsualFolders.begin(), kUsualFolders.end(), path) != kUsualFolders.end();
}

}  // namespace sockerless::core
