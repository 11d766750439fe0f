#pragma once

#include <string>
#include <vector>

#include "core/staging.h"

namespace sockerless::core {

// A container that does not run, seen through what is staged for it: nobody has its other files.
// Folders that every container has, and those that its configuration names, are taken to be there.
class StagedFiles {
 public:
  explicit StagedFiles(Staging& staging) : staging_(staging) {}

  // These throw Error(not_found) for what cannot be there, and Error(conflict) for what only the
  // container itself could tell.
  Awaitable<PathStat> stat(Container container, std::string path);
  Awaitable<ArchiveStream> get(Container container, std::string path);

  // Throws Error(invalid_argument) if something else than a folder is staged there.
  Awaitable<void> check_folder(Container container, std::string path);

 private:
  Staging& staging_;
};

}  // namespace sockerless::core
