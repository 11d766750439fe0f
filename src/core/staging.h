#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/worker_pool.h"
#include "core/file_driver.h"
#include "core/store.h"
#include "core/tar_file.h"

namespace sockerless::core {

struct StagingSettings {
  std::string folder;                               // made as needed, mode 0700
  std::uint64_t limit = 4ull * 1024 * 1024 * 1024;  // bytes for each container, image layers not counted
};

// A plain tar that belongs into a container, kept as a file below the staging folder.
struct StagedArchive {
  std::string file;  // relative to the staging folder
  std::int64_t size = 0;
  std::string path;  // the folder of the container that it is unpacked in; made if it is missing
  bool no_overwrite_dir_non_dir = false;
  bool copy_uid_gid = false;

  static constexpr auto fields() {
    using S = StagedArchive;
    using json::field;
    return std::tuple{field("file", &S::file), field("size", &S::size), field("path", &S::path),
                      field("no_overwrite_dir_non_dir", &S::no_overwrite_dir_non_dir),
                      field("copy_uid_gid", &S::copy_uid_gid)};
  }
};

// What is put into containers before their command runs, at every start anew: layers of images that
// were built here, then what was copied into the container. Survives a restart of the daemon. Lives
// on the daemon's loop; files are read and written by a thread of its own.
class Staging {
 public:
  Staging(Store& store, StagingSettings settings);
  ~Staging();

  // Loads what an earlier process has staged. What belongs to no container any more is deleted, and so are
  // layers that neither a container nor an image uses: `image_layers` are the images' digests.
  void recover(const std::function<bool(const std::string& container_id)>& is_container,
               const std::vector<std::string>& image_layers);

  // Adds the plain tar to the container's. Throws Error(too_large) beyond the limit, and
  // Error(internal) in Docker's words for what is no tar; nothing is staged then.
  Awaitable<void> stage(std::string container_id, ArchivePut request, ByteSource& tar);

  // Keeps the plain tar as a layer of images, once however often it is given. Returns its digest,
  // "sha256:…" of its bytes. Throws as stage() does. Not counted against any container's limit.
  Awaitable<std::string> keep_layer(ByteSource& tar);

  // The file of a kept layer; empty if there is none of this digest.
  std::string layer_file(const std::string& digest) const;

  // The layers that are unpacked in `/` of the container before everything else, lowest first; each
  // must be kept. Throws Error(not_found) otherwise.
  Awaitable<void> use_layers(std::string container_id, std::vector<std::string> digests);

  // Deletes the layer unless a container uses it.
  Awaitable<void> drop_layer(std::string digest);

  bool has(const std::string& container_id) const;

  // In the order in which they are unpacked.
  std::vector<StagedArchive> archives(const std::string& container_id) const;

  // The bytes of one.
  std::unique_ptr<ByteSource> open(const StagedArchive& archive);

  // Where the file of one is, for whoever reads it on a thread.
  std::string full_path(const StagedArchive& archive) const { return settings_.folder + "/" + archive.file; }

  WorkerPool& workers() { return workers_; }

  // The container is gone, and what it had staged with it.
  Awaitable<void> remove(std::string container_id);

 private:
  struct Row;
  using RowPointer = std::shared_ptr<Row>;

  // Writes the tar into a new file of the folder, which it makes.
  Awaitable<std::shared_ptr<TarFile>> write(std::string folder, std::uint64_t limit, ByteSource& tar);
  RowPointer row(const std::string& container_id);
  Awaitable<void> save(std::string container_id);
  void delete_unnamed_files(const std::vector<std::string>& image_layers);

  Store& store_;
  StagingSettings settings_;
  std::map<std::string, RowPointer, std::less<>> rows_;  // by container id
  WorkerPool workers_{1};
};

}  // namespace sockerless::core
