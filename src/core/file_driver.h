#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/driver.h"

namespace sockerless::core {

// Bytes that somebody produces while they are read. At most one read() at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // The next piece, never empty; nothing at the end.
  virtual Awaitable<std::optional<std::string>> read() = 0;
};

// What a path in a container is: the header X-Docker-Container-Path-Stat.
struct PathStat {
  std::string name;
  std::int64_t size = 0;
  std::uint32_t mode = 0;  // Go's os.FileMode, as Docker sends it
  Time modified;
  std::string link_target;  // of a symbolic link: absolute, resolved within the container
};

// A plain tar to be unpacked in a folder of a container.
struct ArchivePut {
  std::string path;
  bool no_overwrite_dir_non_dir = false;  // a folder replaces nothing else, nor the other way round
  bool copy_uid_gid = false;              // everything belongs to the container's user
  bool make_folder = false;               // if it is missing
};

// A plain tar of a path, and what the path is.
struct ArchiveStream {
  PathStat stat;
  std::unique_ptr<ByteSource> tar;
};

// A difference between a container's files and its image: `docker diff`.
struct FileChange {
  enum class Kind { modified = 0, added = 1, deleted = 2 };  // Docker's numbers
  std::string path;
  Kind kind = Kind::modified;
};

// Reads and writes the files of a container as plain tar.
class FileDriver {
 public:
  virtual ~FileDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // These throw Error(not_found) for a path that is not there, and Error(invalid_argument) where the
  // container's user may not go.
  virtual Awaitable<PathStat> stat(Container container, std::string path) = 0;
  virtual Awaitable<ArchiveStream> get(Container container, std::string path) = 0;
  // Error(invalid_argument) too if the path is no folder.
  virtual Awaitable<void> put(Container container, ArchivePut request, ByteSource& tar) = 0;

  // Folder by folder, a folder before what is in it.
  virtual Awaitable<std::vector<FileChange>> changes(Container container) = 0;
  // The bytes of the files that the container has added or changed.
  virtual Awaitable<std::int64_t> changed_size(Container container) = 0;
  virtual Awaitable<std::unique_ptr<ByteSource>> export_root(Container container) = 0;
};

}  // namespace sockerless::core
