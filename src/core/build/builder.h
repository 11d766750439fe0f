#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task_group.h"
#include "base/worker_pool.h"
#include "core/build/build.h"
#include "core/images.h"
#include "core/staging.h"

namespace sockerless::core::build {

// `docker build`: makes images out of a base image's configuration and of files that COPY and ADD
// take from a context. Such an image is its base in a registry and layers that are staged into its
// containers; nothing is executed. Lives on the daemon's loop; files are read on a thread of its own.
class Builder {
 public:
  // `folder` is made as needed; nothing stays there.
  Builder(Executor loop, Clock& clock, Images& images, Staging& staging, std::string folder);

  // Reads the context, a plain tar, and its Dockerfile. Throws Error(invalid_argument) in Docker's
  // words for what is wrong with them.
  Awaitable<std::unique_ptr<Build>> prepare(BuildRequest request, ByteSource& context);

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  friend class Build;

  // The files of kept layers, lowest first. Throws Error(not_found) if one is gone.
  Awaitable<std::shared_ptr<FileTree>> files_of(std::vector<std::string> digests);
  void release(const std::vector<std::string>& digests);
  Awaitable<void> drop(std::vector<std::string> digests);

  Clock& clock_;
  Images& images_;
  Staging& staging_;
  std::string folder_;
  WorkerPool workers_{1};
  std::map<std::string, int> pinned_;  // layers of builds that run
  TaskGroup tasks_;
};

}  // namespace sockerless::core::build
