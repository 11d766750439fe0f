#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace sockerless::cloud {

// The OCI runtime program (runc, crun), with a state folder of its own. Blocks.
class Runtime {
 public:
  // `program` is a name or a path; throws Error(invalid_argument) if there is no such program.
  Runtime(const std::string& program, std::string state_folder);

  struct Run {
    std::string id;
    std::string bundle;  // folder with config.json, rootfs, and the files made here
    int out = -1;
    int error = -1;
  };
  // Creates and starts in one step, which saves a process; returns the container's first process.
  // Throws Error with the runtime's own text.
  pid_t run(const Run& run) const;

  // Starts a program in a running container; `bundle` is for files of the call. Throws Error with the
  // runtime's own text.
  pid_t exec(const std::string& id, const std::string& bundle, const std::vector<std::string>& arguments) const;

  // Kills what runs and forgets the container; no-op for an unknown one.
  void remove(const std::string& id) const;

  const std::string& state_folder() const { return state_folder_; }

 private:
  std::string program_;
  std::string state_folder_;
};

}  // namespace sockerless::cloud
