#include "core/staging.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/id.h"
#include "base/log.h"
#include "base/rollback.h"

namespace sockerless::core {
namespace {

const Logger log("staging");

constexpr const char* kTable = "staging";
constexpr const char* kLayers = "layers";
constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::uint64_t kMebibyte = 1024 * 1024;

// A file that is read piece by piece on the staging area's thread.
class FileSource final : public ByteSource {
 public:
  FileSource(WorkerPool& workers, std::string path) : workers_(workers), path_(std::move(path)) {}

  Awaitable<std::optional<std::string>> read() override {
    std::string bytes =
        co_await workers_.run([path = path_, offset = offset_] { return read_file(path, offset, kReadSize); });
    if (bytes.empty()) co_return std::nullopt;
    offset_ += static_cast<std::int64_t>(bytes.size());
    co_return bytes;
  }

 private:
  WorkerPool& workers_;
  std::string path_;
  std::int64_t offset_ = 0;
};

// "sha256:…" would be a strange name for a file.
std::string layer_name(const std::string& digest) { return digest.substr(digest.find(':') + 1) + ".tar"; }

std::int64_t size_of(const std::string& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  return failure ? 0 : static_cast<std::int64_t>(size);
}

void make_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (!failure) std::filesystem::permissions(path, std::filesystem::perms::owner_all, failure);
  if (failure) {
    throw Error(ErrorKind::internal, fmt::format("cannot make the folder {}: {}; staged files are kept in the state "
                                                 "folder",
                                                 path, failure.message()));
  }
}

}  // namespace

// What a container has, as it is written down.
struct Staging::Row {
  std::vector<std::string> layers;
  std::vector<StagedArchive> archives;

  static constexpr auto fields() {
    return std::tuple{json::field("layers", &Row::layers), json::field("archives", &Row::archives)};
  }
};

Staging::Staging(Store& store, StagingSettings settings) : store_(store), settings_(std::move(settings)) {}

Staging::~Staging() = default;

void Staging::recover(const std::function<bool(const std::string& container_id)>& is_container,
                      const std::vector<std::string>& image_layers) {
  for (auto& [id, document] : store_.load(kTable)) {
    if (is_container(id)) rows_[id] = std::make_shared<Row>(read_row<Row>(kTable, id, document));
  }
  delete_unnamed_files(image_layers);
}

// A forced rmi leaves the layers of containers that are removed later, a killed build those that it had made.
void Staging::delete_unnamed_files(const std::vector<std::string>& image_layers) {
  std::set<std::string> named;
  const auto name_layers = [&](const std::vector<std::string>& digests) {
    for (const std::string& digest : digests) named.insert(fmt::format("{}/{}", kLayers, layer_name(digest)));
  };
  name_layers(image_layers);
  for (const auto& [id, row] : rows_) {
    name_layers(row->layers);
    for (const StagedArchive& archive : row->archives) named.insert(archive.file);
  }
  std::error_code failure;
  std::filesystem::recursive_directory_iterator files(settings_.folder, failure);
  if (failure) return;  // nothing has ever been staged
  for (const auto& file : files) {
    const std::string name = std::filesystem::relative(file.path(), settings_.folder, failure).string();
    if (file.is_regular_file(failure) && !named.contains(name)) std::filesystem::remove(file.path(), failure);
  }
}

Awaitable<std::shared_ptr<TarFile>> Staging::write(std::string folder, std::uint64_t limit, ByteSource& tar) {
  make_folder(settings_.folder);
  make_folder(settings_.folder + "/" + folder);
  const auto file = std::make_shared<TarFile>(fmt::format("{}/{}/{}.part", settings_.folder, folder, random_hex(8)));
  std::uint64_t size = 0;
  while (auto piece = co_await tar.read()) {
    size += piece->size();
    if (size > limit) {
      throw Error(ErrorKind::too_large,
                  fmt::format("what is staged for a container may have {} MiB: copy it while the container runs, or "
                              "raise --staging-limit",
                              settings_.limit / kMebibyte));
    }
    co_await workers_.run([file, bytes = std::move(*piece)] { file->write(bytes); });
  }
  co_await workers_.run([file] { list_tar(file->path()); });
  co_return file;
}

Awaitable<void> Staging::stage(std::string container_id, ArchivePut request, ByteSource& tar) {
  std::uint64_t staged = 0;
  if (const auto found = rows_.find(container_id); found != rows_.end()) {
    for (const StagedArchive& archive : found->second->archives) staged += static_cast<std::uint64_t>(archive.size);
  }
  const auto file = co_await write(container_id, settings_.limit - std::min(staged, settings_.limit), tar);
  StagedArchive archive{.file = fmt::format("{}/{}.tar", container_id, random_hex(8)),
                        .path = std::move(request.path),
                        .no_overwrite_dir_non_dir = request.no_overwrite_dir_non_dir,
                        .copy_uid_gid = request.copy_uid_gid};
  const std::string path = full_path(archive);
  archive.size = size_of(file->path());
  co_await workers_.run([file, path] { file->keep_as(path); });
  row(container_id)->archives.push_back(archive);
  Rollback unstage([&] {
    std::erase_if(row(container_id)->archives, [&](const StagedArchive& other) { return other.file == archive.file; });
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  });
  co_await save(container_id);
  unstage.dismiss();
  log.info("files are staged", {{"container", container_id.substr(0, 12)}, {"path", archive.path}});
}

Awaitable<std::string> Staging::keep_layer(ByteSource& tar) {
  const auto file = co_await write(kLayers, UINT64_MAX, tar);
  const std::string digest = file->digest();
  const std::string path = fmt::format("{}/{}/{}", settings_.folder, kLayers, layer_name(digest));
  co_await workers_.run([file, path] { file->keep_as(path); });
  co_return digest;
}

std::string Staging::layer_file(const std::string& digest) const {
  const std::string path = fmt::format("{}/{}/{}", settings_.folder, kLayers, layer_name(digest));
  std::error_code failure;
  return std::filesystem::exists(path, failure) ? path : "";
}

Awaitable<void> Staging::use_layers(std::string container_id, std::vector<std::string> digests) {
  for (const std::string& digest : digests) {
    if (layer_file(digest).empty()) {
      throw Error(ErrorKind::not_found,
                  fmt::format("layer {} of the image is gone from the state folder; build the image again", digest));
    }
  }
  if (digests.empty()) co_return;
  row(container_id)->layers = std::move(digests);
  co_await save(container_id);
}

Awaitable<void> Staging::drop_layer(std::string digest) {
  for (const auto& [id, row] : rows_) {
    if (std::find(row->layers.begin(), row->layers.end(), digest) != row->layers.end()) co_return;
  }
  co_await workers_.run([path = layer_file(digest)] {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  });
}

bool Staging::has(const std::string& container_id) const {
  const auto found = rows_.find(container_id);
  return found != rows_.end() && !(found->second->layers.empty() && found->second->archives.empty());
}

std::vector<StagedArchive> Staging::archives(const std::string& container_id) const {
  std::vector<StagedArchive> all;
  const auto found = rows_.find(container_id);
  if (found == rows_.end()) return all;
  for (const std::string& digest : found->second->layers) {
    StagedArchive layer{.file = fmt::format("{}/{}", kLayers, layer_name(digest)), .path = "/"};
    layer.size = size_of(full_path(layer));
    all.push_back(std::move(layer));
  }
  all.insert(all.end(), found->second->archives.begin(), found->second->archives.end());
  return all;
}

std::unique_ptr<ByteSource> Staging::open(const StagedArchive& archive) {
  return std::make_unique<FileSource>(workers_, full_path(archive));
}

Awaitable<void> Staging::remove(std::string container_id) {
  if (rows_.erase(container_id) == 0) co_return;
  co_await store_.erase(kTable, container_id);
  co_await workers_.run([folder = settings_.folder + "/" + container_id] {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  });
}

Staging::RowPointer Staging::row(const std::string& container_id) {
  RowPointer& row = rows_[container_id];
  if (!row) row = std::make_shared<Row>();
  return row;
}

Awaitable<void> Staging::save(std::string container_id) {
  co_await store_.put(kTable, container_id, json::to_text(*row(container_id)), Durability::relaxed);
}

}  // namespace sockerless::core
