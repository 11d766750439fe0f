#pragma once

#include <string>

namespace sockerless {

// A folder of this process alone, below the system's folder for temporary files. Removed with
// everything in it.
class TemporaryFolder {
 public:
  // Throws Error(unavailable).
  explicit TemporaryFolder(const std::string& prefix);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sockerless
