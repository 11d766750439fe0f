#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/containers.h"
#include "core/file_driver.h"
#include "core/staged_files.h"
#include "core/staging.h"

namespace sockerless::core {

// Reads and writes the files of containers, as docker cp, diff and export do. A container that runs
// is asked through its driver; of one that does not, the staging area is all that there is.
class Archives {
 public:
  Archives(Services services, const Containers& containers, Staging& staging);

  // All of these find the container by id, name or unique prefix and throw no_such_container. They
  // throw Error(not_found) in Docker's words for a path that is not there, and Error(conflict) for
  // what nobody can know while the container does not run.
  Awaitable<PathStat> stat(std::string reference, std::string path);
  Awaitable<ArchiveStream> get(std::string reference, std::string path);
  Awaitable<void> put(std::string reference, ArchivePut request, ByteSource& tar);
  Awaitable<std::vector<FileChange>> changes(std::string reference);
  Awaitable<std::unique_ptr<ByteSource>> export_root(std::string reference);

 private:
  Services services_;
  const Containers& containers_;
  Staging& staging_;
  StagedFiles staged_;
};

}  // namespace sockerless::core
