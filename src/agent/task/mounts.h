#pragma once

#include <set>
#include <string>
#include <string_view>

namespace sockerless::agent {

// The paths of a container at which something else than its own files is mounted, and the agent's
// own folder: what is there is no part of the container's file system.
class Mounts {
 public:
  // Of this process; if the kernel does not tell, those that every container has.
  static Mounts of_container();

  explicit Mounts(std::string_view mountinfo);

  // Something is mounted at this clean absolute path.
  bool is_mount(std::string_view path) const { return points_.find(path) != points_.end(); }

  // Not part of the container's files: neither its content nor itself counts as changed.
  bool is_foreign(std::string_view path) const;

 private:
  std::set<std::string, std::less<>> points_;
};

// The folder that the agent itself is mounted in.
inline constexpr std::string_view kAgentFolder = "/sockerless";

}  // namespace sockerless::agent
