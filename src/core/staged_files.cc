#include "core/staged_files.h"
#include "core/usual_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/time.h"

namespace sockerless::core {
namespace {

constexpr std::uint32_t kGoDirectory = 1u << 31;
constexpr std::uint32_t kGoSymlink = 1u << 27;
constexpr std::uint32_t kGoNamedPipe = 1u << 25;
constexpr std::uint32_t kGoSpecialBits[] = {1u << 23, 1u << 22, 1u << 20};  // setuid, setgid, sticky
constexpr std::size_t kPiece = 256 * 1024;
constexpr int kMostLinks = 40;

// Absolute, without `.`, `..` and doubled slashes.
std::string clean(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string whole;
  for (const std::string_view part : parts) whole.append("/").append(part);
  return whole.empty() ? "/" : whole;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path == "/" ? path : path.substr(path.rfind('/') + 1); }

struct StagedFile {
  TarMember member;
  std::string archive;  // the tar file
};

// Everything that is staged, by its path; what is staged later replaces what was there.
class View {
 public:
  explicit View(const Container& container) : created_(container.created_at) {
    for (const std::string_view folder : kUsualFolders) add_folder(std::string(folder));
    if (!container.config.working_dir.empty()) add_folder(clean(container.config.working_dir));
    for (const MountPoint& mount : container.mounts) {
      const std::string path = clean(mount.destination);
      add_folder(mount.is_file ? folder_of(path) : path);
    }
    add_folder("/");
  }

  void add(const StagedArchive& archive, const std::string& file, std::vector<TarMember> members) {
    const std::string base = clean(archive.path);
    add_folder(base);
    for (TarMember& member : members) {
      const std::string path = clean(base + "/" + member.entry.name);
      add_folder(path == "/" ? path : folder_of(path));
      if (member.entry.type == TarType::directory) {
        folders_.insert(path);
      } else {
        folders_.erase(path);
      }
      files_[path] = {std::move(member), file};
    }
  }

  const StagedFile* find(const std::string& path) const {
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : &found->second;
  }
  bool is_folder(const std::string& path) const { return folders_.contains(path); }

  // What is staged below the folder, in the order of the paths.
  std::vector<std::pair<std::string, StagedFile>> below(const std::string& folder) const {
    const std::string prefix = folder == "/" ? "/" : folder + "/";
    std::vector<std::pair<std::string, StagedFile>> found;
    for (auto at = files_.upper_bound(prefix); at != files_.end() && at->first.starts_with(prefix); ++at) {
      found.emplace_back(at->first, at->second);
    }
    return found;
  }

  TarEntry folder_entry() const { return {.type = TarType::directory, .mode = 0755, .modified = created_}; }

 private:
  void add_folder(std::string path) {
    for (; path != "/"; path = folder_of(path)) folders_.insert(path);
    folders_.insert("/");
  }

  std::int64_t created_;
  std::map<std::string, StagedFile> files_;
  std::set<std::string> folders_;
};

std::uint32_t go_mode(const TarEntry& entry) {
  std::uint32_t mode = entry.mode & 0777;
  for (int i = 0; i < 3; ++i) {
    if ((entry.mode & (04000u >> i)) != 0) mode |= kGoSpecialBits[i];
  }
  if (entry.type == TarType::directory) mode |= kGoDirectory;
  if (entry.type == TarType::symlink) mode |= kGoSymlink;
  if (entry.type == TarType::fifo) mode |= kGoNamedPipe;
  return mode;
}

std::string_view when_known(const Container& container) {
  return container.state.is_running() ? "its task has no agent" : "it does not run; ask again while it does";
}

// What is known of a path: a member, or that it is a folder.
TarEntry entry_at(const View& view, const Container& container, const std::string& asked) {
  const std::string path = clean(asked);
  const bool is_folder_wanted = asked.ends_with('/') || asked.ends_with("/.");
  if (const StagedFile* file = view.find(path)) {
    if (is_folder_wanted && !view.is_folder(path)) {
      throw Error(ErrorKind::invalid_argument, fmt::format("{} is not a directory", path));
    }
    return file->member.entry;
  }
  if (view.is_folder(path)) return view.folder_entry();
  throw Error(ErrorKind::conflict,
              fmt::format("of the files of container {} only those are known that were copied into it before, and {} "
                          "is none of them: {}",
                          container.name, path, when_known(container)));
}

PathStat stat_of(const View& view, const std::string& asked, const TarEntry& entry) {
  const std::string path = clean(asked);
  PathStat stat{.name = asked.ends_with("/.") ? "." : name_of(path),
                .size = entry.type == TarType::directory ? 4096 : entry.size,
                .mode = go_mode(entry),
                .modified = Time(std::chrono::nanoseconds(entry.modified))};
  if (entry.type != TarType::symlink) return stat;
  stat.size = static_cast<std::int64_t>(entry.link_name.size());
  stat.link_target = path;
  const TarEntry* link = &entry;
  for (int i = 0; link != nullptr && link->type == TarType::symlink && i < kMostLinks; ++i) {
    const std::string& target = link->link_name;
    stat.link_target = clean(target.starts_with('/') ? target : folder_of(stat.link_target) + "/" + target);
    const StagedFile* next = view.find(stat.link_target);
    link = next == nullptr ? nullptr : &next->member.entry;
  }
  return stat;
}

// The members' contents come from their files as the tar is read.
class StagedTar final : public ByteSource {
 public:
  StagedTar(WorkerPool& workers, std::vector<StagedFile> files) : workers_(workers), files_(std::move(files)) {}

  Awaitable<std::optional<std::string>> read() override {
    if (is_finished_) co_return std::nullopt;
    if (next_ == files_.size()) {
      is_finished_ = true;
      co_return std::string(kTarEnd, '\0');
    }
    const StagedFile& file = files_[next_];
    const TarEntry& entry = file.member.entry;
    std::string bytes;
    if (at_ == 0) append_tar_header(bytes, entry);
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(entry.size - at_, kPiece));
    if (wanted > 0) {
      const std::int64_t offset = file.member.content_offset + at_;
      std::string content =
          co_await workers_.run([path = file.archive, offset, wanted] { return read_file(path, offset, wanted); });
      if (content.size() != wanted) throw Error(ErrorKind::internal, fmt::format("{} was cut off", file.archive));
      bytes += content;
      at_ += static_cast<std::int64_t>(wanted);
    }
    if (at_ == entry.size) {
      bytes.append(tar_padding(entry.size), '\0');
      at_ = 0;
      ++next_;
    }
    co_return bytes;
  }

 private:
  WorkerPool& workers_;
  std::vector<StagedFile> files_;
  std::size_t next_ = 0;
  std::int64_t at_ = 0;  // in the content
  bool is_finished_ = false;
};

Awaitable<View> view_of(Staging& staging, const Container& container) {
  View view(container);
  for (const StagedArchive& archive : staging.archives(container.id)) {
    const std::string file = staging.full_path(archive);
    view.add(archive, file, co_await staging.workers().run([file] { return list_tar(file); }));
  }
  co_return view;
}

// The members of an archive of the path, under the names that Docker gives them.
std::vector<StagedFile> members_of(const View& view, const std::string& asked, const TarEntry& entry) {
  const std::string path = clean(asked);
  const std::string base = asked.ends_with("/.") && path != "/" ? "." : name_of(path);
  std::vector<StagedFile> members;
  const StagedFile* self = view.find(path);
  members.push_back(self == nullptr ? StagedFile{.member = {.entry = entry}} : *self);
  members.back().member.entry.name = entry.type == TarType::directory && base != "/" ? base + "/" : base;
  if (entry.type != TarType::directory) return members;
  for (auto& [below, file] : view.below(path)) {
    file.member.entry.name = (base == "/" ? "" : base) + below.substr(path == "/" ? 0 : path.size()) +
                             (file.member.entry.type == TarType::directory ? "/" : "");
    members.push_back(std::move(file));
  }
  return members;
}

}  // namespace

Awaitable<PathStat> StagedFiles::stat(Container container, std::string path) {
  const View view = co_await view_of(staging_, container);
  co_return stat_of(view, path, entry_at(view, container, path));
}

Awaitable<ArchiveStream> StagedFiles::get(Container container, std::string path) {
  const View view = co_await view_of(staging_, container);
  const TarEntry entry = entry_at(view, container, path);
  std::vector<StagedFile> members = members_of(view, path, entry);
  const bool is_guess = view.find(clean(path)) == nullptr && members.size() == 1;
  if (is_guess) {
    throw Error(ErrorKind::conflict, fmt::format("what is in {} is known only to container {} itself: {}", clean(path),
                                                 container.name, when_known(container)));
  }
  for (const StagedFile& member : members) {
    if (member.member.is_plain && member.member.entry.type != TarType::hard_link) continue;
    throw Error(
        ErrorKind::conflict,
        fmt::format("{} was copied as a sparse file or a hard link, which container {} itself can give back: {}",
                    member.member.entry.name, container.name, when_known(container)));
  }
  ArchiveStream stream{.stat = stat_of(view, path, entry)};
  stream.tar = std::make_unique<StagedTar>(staging_.workers(), std::move(members));
  co_return stream;
}

Awaitable<void> StagedFiles::check_folder(Container container, std::string path) {
  const View view = co_await view_of(staging_, container);
  const StagedFile* file = view.find(clean(path));
  if (file != nullptr && file->member.entry.type != TarType::directory && file->member.entry.type != TarType::symlink) {
    throw Error(ErrorKind::invalid_argument, "extraction point is not a directory");
  }
}

}  // namespace sockerless::core
