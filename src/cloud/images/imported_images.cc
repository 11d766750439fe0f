#include "cloud/images/imported_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cloud/images/digest.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecords = "/imported";
constexpr std::string_view kUnfinished = ".new";

std::optional<ImportedImage> read_record(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  try {
    return json::parse<ImportedImage>(std::string(std::istreambuf_iterator<char>(file), {}));
  } catch (const Error& error) {
    throw Error(ErrorKind::internal, fmt::format("the record of an imported image, {}, is damaged ({}): delete it and "
                                                 "import the image again",
                                                 path, error.what()));
  }
}

}  // namespace

ImportedImages::ImportedImages(const std::string& store_folder) : store_folder_(store_folder) {}

// Hashed, since a reference has slashes and may be longer than a file name.
std::string ImportedImages::path_of(std::string_view reference) const {
  return fmt::format("{}{}/{}", store_folder_, kRecords, hexadecimal(digest_of(reference)));
}

std::optional<ImportedImage> ImportedImages::find(std::string_view reference) const {
  return read_record(path_of(reference));
}

std::vector<ImportedImage> ImportedImages::list() const {
  std::vector<ImportedImage> images;
  std::error_code nothing_imported;
  for (const auto& entry : fs::directory_iterator(store_folder_ + kRecords, nothing_imported)) {
    if (entry.path().extension() == kUnfinished) continue;
    if (auto image = read_record(entry.path().string())) images.push_back(std::move(*image));
  }
  std::sort(images.begin(), images.end(),
            [](const ImportedImage& left, const ImportedImage& right) { return left.reference < right.reference; });
  return images;
}

void ImportedImages::put(const ImportedImage& image) {
  fs::create_directories(store_folder_ + kRecords);
  const std::string path = path_of(image.reference);
  const std::string unfinished = path + std::string(kUnfinished);
  std::ofstream file(unfinished, std::ios::binary);
  file << json::to_text(image);
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + unfinished);
  fs::rename(unfinished, path);
}

void ImportedImages::remove(std::string_view reference) { fs::remove(path_of(reference)); }

Descriptor ImportedImages::lock(IfLocked if_locked) const {
  fs::create_directories(store_folder_);
  return lock_file(store_folder_ + "/import.lock", if_locked);
}

}  // namespace sockerless::cloud
