#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/tar.h"
#include "base/worker_pool.h"
#include "core/file_driver.h"

namespace sockerless::core {

// A file of the daemon's host and how it is called in a tar.
struct HostFile {
  TarEntry entry;
  std::string path;
};

// What is at the path: for a folder everything below it, as "./…", a folder before what is in it; for a
// file itself, under `name`. Sockets and devices are left out, links are kept as links. Blocks. Throws
// Error(invalid_argument) for what cannot be read, and for more than `limit` bytes or two million files.
std::vector<HostFile> list_host_files(const std::string& path, const std::string& name, std::uint64_t limit);

std::uint64_t size_of(const std::vector<HostFile>& files);

// The files as a plain tar.
class HostFilesSource final : public ByteSource {
 public:
  HostFilesSource(WorkerPool& workers, std::vector<HostFile> files);

  // Throws Error(invalid_argument) for a file that can no longer be read, or that has become shorter.
  Awaitable<std::optional<std::string>> read() override;

 private:
  struct Position {
    std::size_t file = 0;
    std::int64_t at = -1;  // -1: before the header
  };

  static std::pair<std::string, Position> next_piece(const std::vector<HostFile>& files, Position position);

  WorkerPool& workers_;
  std::shared_ptr<const std::vector<HostFile>> files_;
  Position position_;
  bool is_ended_ = false;
};

}  // namespace sockerless::core
