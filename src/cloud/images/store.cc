#include "cloud/images/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
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

ImageStore::ImageStore(std::string folder) : folder_(fs::absolute(folder).lexically_normal().string()) {
  while (folder_.size() > 1 && folder_.ends_with('/')) folder_.pop_back();
  std::error_code ignored;
  fs::remove_all(folder_ + "/unfinished", ignored);
  for (const char* each : {"documents", "tags", "layers", "unfinished"}) fs::create_directories(folder_ + "/" + each);
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

std::string ImageStore::temporary_path() { return folder_ + "/unfinished/" + random_hex(8); }

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
  fs::rename(unpacked, layer_folder(digest));
}

void ImageStore::write_whole(const std::string& path, std::string_view content) {
  const std::string temporary = temporary_path();
  std::ofstream file(temporary, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + temporary);
  fs::rename(temporary, path);
}

}  // namespace sockerless::cloud
