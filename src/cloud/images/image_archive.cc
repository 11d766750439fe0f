#include "cloud/images/image_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "cloud/images/descriptor.h"
#include "cloud/images/tar_reader.h"

namespace sockerless::cloud {
namespace {

constexpr std::int64_t kLargestDocument = 8 * 1024 * 1024;
constexpr int kMostLinks = 8;                  // to a file
constexpr std::int64_t kEntryOverhead = 2048;  // of a tar archive, about

std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash + 1);
}

// Older versions of `docker save` write a layer that is there already as a link to it.
std::string target_of(archive_entry* entry, const std::string& name) {
  if (const char* target = archive_entry_hardlink(entry); target != nullptr) return name_in_archive(target);
  const char* target = archive_entry_symlink(entry);
  if (target == nullptr) return {};
  if (*target == '/') return name_in_archive(target);
  return name_in_archive((folder_of(name) + target).c_str());
}

bool is_link(archive_entry* entry) {
  return archive_entry_hardlink(entry) != nullptr || archive_entry_filetype(entry) == AE_IFLNK;
}

void copy_data(archive* source, const std::string& name, const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) throw Error(ErrorKind::internal, fmt::format("{}: {}", path, std::strerror(errno)));
  if (archive_read_data_into_fd(source, file.get()) != ARCHIVE_OK) {
    throw Error(ErrorKind::internal, fmt::format("{}: {}", name, archive_error_string(source)));
  }
}

Error no_such_file(const std::string& name) {
  return {ErrorKind::invalid_argument, fmt::format("the archive is not whole: {} is missing", name)};
}

}  // namespace

ImageArchive::ImageArchive(std::string path, std::string folder, const LayerLimits& limits)
    : path_(std::move(path)),
      folder_(std::move(folder)),
      most_bytes_(limits.bytes + limits.entries * kEntryOverhead),
      limits_(limits) {
  TarReader reader(path_);
  LayerLimits left = limits;
  while (archive_entry* entry = reader.next()) {
    if (--left.entries < 0) throw Error(ErrorKind::too_large, "too many files: no space left on device");
    if (!is_link(entry) && archive_entry_filetype(entry) != AE_IFREG) continue;
    if (!is_link(entry)) left.bytes -= archive_entry_size(entry);
    if (left.bytes < 0) throw Error(ErrorKind::too_large, "the archive is too large: no space left on device");
    try {
      const std::string name = name_in_archive(archive_entry_pathname(entry));
      if (is_link(entry)) {
        links_[name] = target_of(entry, name);
      } else {
        sizes_[name] = archive_entry_size(entry);
      }
    } catch (const Error&) {
      continue;  // no part of a saved image; a layer with it is refused when it is unpacked
    }
  }
}

std::string ImageArchive::resolved(std::string name) const {
  for (int hops = 0; hops < kMostLinks; ++hops) {
    const auto link = links_.find(name);
    if (link == links_.end()) return name;
    name = link->second;
  }
  throw Error(ErrorKind::invalid_argument, fmt::format("{}: too many links", name));
}

bool ImageArchive::has(const std::string& name) const { return sizes_.contains(resolved(name)); }

void ImageArchive::take_out(const std::set<std::string>& names) {
  std::set<std::string> wanted;
  for (const std::string& name : names) {
    const std::string file = resolved(name);
    if (!sizes_.contains(file)) throw no_such_file(name);
    if (!taken_.contains(file)) wanted.insert(file);
  }
  if (wanted.empty()) return;
  TarReader reader(path_);
  while (archive_entry* entry = reader.next()) {
    if (wanted.empty()) return;
    if (is_link(entry) || archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* given = archive_entry_pathname(entry);
    const std::string name = given != nullptr && std::strstr(given, "..") == nullptr ? name_in_archive(given) : "";
    if (wanted.erase(name) == 0) continue;
    limits_.bytes -= archive_entry_size(entry);
    if (limits_.bytes < 0) throw Error(ErrorKind::too_large, "the image is too large: no space left on device");
    const std::string path = fmt::format("{}/part-{}", folder_, taken_.size());
    copy_data(reader.source(), name, path);
    taken_[name] = path;
  }
  if (!wanted.empty()) throw no_such_file(*wanted.begin());
}

std::string ImageArchive::file(const std::string& name) const {
  const auto found = taken_.find(resolved(name));
  if (found == taken_.end()) throw no_such_file(name);
  return found->second;
}

std::string ImageArchive::document(const std::string& name) {
  const auto size = sizes_.find(resolved(name));
  if (size == sizes_.end()) throw no_such_file(name);
  if (size->second > kLargestDocument) {
    throw Error(ErrorKind::too_large, fmt::format("{} has {} bytes, more than a document may", name, size->second));
  }
  take_out({name});
  std::ifstream file(this->file(name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace sockerless::cloud
