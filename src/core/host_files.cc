#include "core/host_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "core/tar_file.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kMostFiles = 2'000'000;
constexpr std::uint64_t kMebibyte = 1024 * 1024;
constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::uint32_t kModeBits = 07777;

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::optional<TarType> tar_type(mode_t mode) {
  if (S_ISREG(mode)) return TarType::file;
  if (S_ISDIR(mode)) return TarType::directory;
  if (S_ISLNK(mode)) return TarType::symlink;
  return std::nullopt;
}

std::string link_target(const std::string& path) {
  std::error_code failure;
  const auto target = std::filesystem::read_symlink(path, failure);
  if (failure) throw invalid(fmt::format("cannot read {}: {}", path, failure.message()));
  return target.string();
}

// Collects files and keeps to the limits.
class Collector {
 public:
  Collector(std::string root, std::uint64_t limit) : root_(std::move(root)), limit_(limit) {}

  void add(const std::string& path, const std::string& name, bool follow) {
    struct stat status {};
    if ((follow ? ::stat : ::lstat)(path.c_str(), &status) != 0) {
      if (errno == ENOENT && path != root_) return;  // it has been deleted meanwhile
      throw invalid(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    const auto type = tar_type(status.st_mode);
    if (!type) return;
    HostFile file{.entry = {.name = name,
                            .type = *type,
                            .mode = status.st_mode & kModeBits,
                            .uid = status.st_uid,
                            .gid = status.st_gid,
                            .size = *type == TarType::file ? status.st_size : 0,
                            .modified = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec},
                  .path = path};
    if (*type == TarType::symlink) file.entry.link_name = link_target(path);
    size_ += static_cast<std::uint64_t>(file.entry.size);
    if (size_ > limit_) {
      throw invalid(
          fmt::format("{} has more than the {} MiB that are left for the container: bind a smaller folder, or "
                      "raise --staging-limit",
                      root_, limit_ / kMebibyte));
    }
    if (files_.size() == kMostFiles) {
      throw invalid(fmt::format("{} has more than {} files: bind a smaller folder", root_, kMostFiles));
    }
    files_.push_back(std::move(file));
  }

  std::vector<HostFile> take() { return std::move(files_); }

 private:
  std::string root_;
  std::uint64_t limit_;
  std::uint64_t size_ = 0;
  std::vector<HostFile> files_;
};

}  // namespace

std::vector<HostFile> list_host_files(const std::string& path, const std::string& name, std::uint64_t limit) {
  Collector collector(path, limit);
  std::error_code failure;
  if (!std::filesystem::is_directory(path, failure)) {
    collector.add(path, name, true);
    return collector.take();
  }
  collector.add(path, "./", true);
  std::filesystem::recursive_directory_iterator at(path, failure);
  for (const std::filesystem::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
    const std::string file = at->path().string();
    collector.add(file, "./" + file.substr(path.size() + (path.ends_with('/') ? 0 : 1)), false);
  }
  if (failure) throw invalid(fmt::format("cannot read the folder {}: {}", path, failure.message()));
  return collector.take();
}

std::uint64_t size_of(const std::vector<HostFile>& files) {
  std::uint64_t size = 0;
  for (const HostFile& file : files) size += static_cast<std::uint64_t>(file.entry.size);
  return size;
}

HostFilesSource::HostFilesSource(WorkerPool& workers, std::vector<HostFile> files)
    : workers_(workers), files_(std::make_shared<const std::vector<HostFile>>(std::move(files))) {}

// Blocks.
std::pair<std::string, HostFilesSource::Position> HostFilesSource::next_piece(const std::vector<HostFile>& files,
                                                                              Position position) {
  std::string bytes;
  while (position.file < files.size() && bytes.size() < kPiece) {
    const HostFile& file = files[position.file];
    if (position.at < 0) {
      append_tar_header(bytes, file.entry);
      position.at = 0;
    }
    const std::int64_t wanted = std::min<std::int64_t>(file.entry.size - position.at, kPiece);
    if (wanted > 0) {
      std::string content;
      try {
        content = read_file(file.path, position.at, static_cast<std::size_t>(wanted));
      } catch (const Error& error) {
        throw invalid(error.what());
      }
      if (content.size() != static_cast<std::size_t>(wanted)) {
        throw invalid(fmt::format("{} became shorter while it was copied", file.path));
      }
      bytes += content;
      position.at += wanted;
    }
    if (position.at < file.entry.size) continue;
    bytes.append(tar_padding(file.entry.size), '\0');
    position = {position.file + 1, -1};
  }
  return {std::move(bytes), position};
}

Awaitable<std::optional<std::string>> HostFilesSource::read() {
  if (is_ended_) co_return std::nullopt;
  if (position_.file == files_->size()) {
    is_ended_ = true;
    co_return std::string(kTarEnd, '\0');
  }
  auto [bytes, next] =
      co_await workers_.run([files = files_, position = position_] { return next_piece(*files, position); });
  position_ = next;
  co_return std::move(bytes);
}

}  // namespace sockerless::core
