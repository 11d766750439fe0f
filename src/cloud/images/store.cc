#include "cloud/images/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "base/id.h"
#include "cloud/images/digest.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

ImageStore::ImageStore(std::string folder, const std::string& unfinished)
    : folder_(fs::absolute(folder).lexically_normal().string()) {
  while (folder_.size() > 1 && folder_.ends_with('/')) folder_.pop_back();
  unfinished_ = folder_ + "/" + unfinished;
  std::error_code ignored;
  fs::remove_all(unfinished_, ignored);
  fs::create_directories(unfinished_);
  for (const char* each : {"documents", "tags", "layers", "sizes"}) fs::create_directories(folder_ + "/" + each);
}

std::string ImageStore::document_path(std::string_view digest) const {
  return folder_ + "/documents/" + std::string(hexadecimal(digest));
}

// Hashed, since a reference has slashes and may be longer than a file name.
std::string ImageStore::tag_path(std::string_view reference) const {
  return folder_ + "/tags/" + std::string(hexadecimal(digest_of(reference)));
}

std::string ImageStore::layer_folder(std::string_view digest) const {
  return folder_ + "/layers/" + std::string(hexadecimal(digest));
}

std::string ImageStore::temporary_path() { return unfinished_ + "/" + random_hex(8); }

std::optional<std::string> ImageStore::find_document(std::string_view digest) const {
  return read_file(document_path(digest));
}

void ImageStore::put_document(std::string_view digest, std::string_view content) {
  write_whole(document_path(digest), content);
}

std::optional<std::string> ImageStore::find_tag(std::string_view reference) const {
  return read_file(tag_path(reference));
}

void ImageStore::put_tag(std::string_view reference, std::string_view digest) {
  write_whole(tag_path(reference), digest);
}

bool ImageStore::has_layer(std::string_view digest) const { return ::access(layer_folder(digest).c_str(), F_OK) == 0; }

void ImageStore::put_layer(std::string_view digest, const std::string& unpacked) {
  std::error_code error;
  fs::rename(unpacked, layer_folder(digest), error);
  if (!error) return;
  if (!has_layer(digest)) throw fs::filesystem_error("cannot store a layer", layer_folder(digest), error);
  fs::remove_all(unpacked);
}

std::string ImageStore::size_path(const std::string& layer_folder) const {
  return folder_ + "/sizes/" + fs::path(layer_folder).filename().string();
}

std::vector<ImageStore::StoredLayer> ImageStore::layers() const {
  std::vector<std::pair<fs::file_time_type, StoredLayer>> found;
  for (const auto& entry : fs::directory_iterator(folder_ + "/layers")) {
    const std::string folder = entry.path().string();
    const std::int64_t bytes = size_of(folder);
    std::error_code no_record;
    const auto wanted = fs::last_write_time(size_path(folder), no_record);
    found.push_back({no_record ? fs::file_time_type::min() : wanted, {folder, bytes}});
  }
  std::sort(found.begin(), found.end(), [](const auto& l, const auto& r) { return l.first < r.first; });
  std::vector<StoredLayer> layers;
  layers.reserve(found.size());
  for (auto& [wanted, layer] : found) layers.push_back(std::move(layer));
  return layers;
}

std::int64_t ImageStore::size_of(const std::string& folder) const {
  std::int64_t bytes = 0;
  return std::ifstream(size_path(folder)) >> bytes ? bytes : occupied_bytes(folder);
}

void ImageStore::put_size(const std::string& folder, std::int64_t bytes) {
  write_whole(size_path(folder), std::to_string(bytes));
  touch_layer(folder);  // the kernel's own time of a write is coarser, so that it could come behind a later one
}

void ImageStore::touch_layer(const std::string& folder) {
  std::error_code no_record;  // then it counts as the oldest
  fs::last_write_time(size_path(folder), fs::file_time_type::clock::now(), no_record);
}

std::string ImageStore::take_layer(const std::string& folder) {
  std::string taken = temporary_path();
  fs::rename(folder, taken);
  std::error_code no_record;
  fs::remove(size_path(folder), no_record);
  return taken;
}

void ImageStore::write_whole(const std::string& path, std::string_view content) {
  const std::string temporary = temporary_path();
  std::ofstream file(temporary, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + temporary);
  fs::rename(temporary, path);
}

std::int64_t occupied_bytes(const std::string& folder) {
  constexpr std::int64_t kBlock = 512;
  std::int64_t bytes = 0;
  std::set<ino_t> counted;  // hard links
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat about {};
    if (::lstat(entry.path().c_str(), &about) < 0) continue;
    if (about.st_nlink > 1 && !S_ISDIR(about.st_mode) && !counted.insert(about.st_ino).second) continue;
    bytes += about.st_blocks * kBlock;
  }
  return bytes;
}

}  // namespace sockerless::cloud
