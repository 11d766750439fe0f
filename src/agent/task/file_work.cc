#include "agent/task/file_work.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "agent/task/error_text.h"
#include "agent/task/file_changes.h"
#include "agent/task/file_record.h"
#include "agent/task/file_stat.h"
#include "agent/task/tar_extractor.h"
#include "agent/task/tar_packer.h"
#include "agent/task/users.h"

namespace sockerless::agent {

namespace {

// Of a large file the worker takes up to a multiple of this, so that it wakes seldom and writes whole pages.
constexpr std::size_t kStep = 128 * 1024;
static_assert(kStep <= InputRing::kMostWanted);
constexpr unsigned kLongestLook = 10;  // seconds

void fail_path(WorkPipes& pipes, int error_number, std::string_view call, const std::string& path) {
  pipes.fail(error_number, std::string(call) + " " + path + ": " + error_text(error_number));
}

void finish_packing(WorkPipes& pipes, TarPacker& packer, bool is_packed) {
  if (is_packed && packer.finish()) {
    pipes.close();
  } else if (packer.error_number() != 0) {
    pipes.fail(packer.error_number(), packer.failure());
  }
}

// Whose the members shall be. False if there is no such user.
bool find_owner(const std::string& user, std::optional<Owner>& owner, std::string& error) {
  if (user.empty()) return true;
  const IdentityLookup found = find_identity(user);
  error = found.error;
  owner = Owner{found.identity.user, found.identity.group};
  return error.empty();
}

// Where a put goes: the path's folder, symbolic links followed. Makes it where that is wanted.
bool find_folder(const RootFolder& root, const ArchivePutParameters& parameters, WorkPipes& pipes) {
  const RequestedPath path(parameters.path);
  FileDescriptor folder = root.open(path.path, O_PATH);
  if (!folder && errno == ENOENT && parameters.make_folder) {
    TarExtractor maker(root, {.folder = "/"});
    if (!maker.begin({.name = path.path, .type = TarType::directory, .mode = 0755})) {
      pipes.fail(maker.failure().error_number, maker.failure().text);
      return false;
    }
    folder = root.open(path.path, O_PATH);
  }
  struct stat status {};
  if (!folder || fstat(folder.get(), &status) != 0) {
    fail_path(pipes, errno, "lstat", path.path);
    return false;
  }
  if (!S_ISDIR(status.st_mode)) {
    pipes.fail(ENOTDIR, "extraction point is not a directory");
    return false;
  }
  return true;
}

// One step of the reader. False when it is over, with the failure told.
bool extract_step(TarReader& reader, TarReader::Event event, TarExtractor& extractor, WorkPipes& pipes) {
  bool is_done = true;
  switch (event) {
    case TarReader::Event::entry: is_done = extractor.begin(reader.entry()); break;
    case TarReader::Event::data: is_done = extractor.data(reader.data()); break;
    case TarReader::Event::hole: extractor.hole(reader.hole()); break;
    case TarReader::Event::entry_end: is_done = extractor.end(); break;
    case TarReader::Event::failed: pipes.fail(EBADMSG, reader.error()); return false;
    case TarReader::Event::need_input:
    case TarReader::Event::end: return true;
  }
  if (!is_done) pipes.fail(extractor.failure().error_number, extractor.failure().text);
  return is_done;
}

// The next input for the reader. Of the content of a file that has been written up to `at`, it is whole steps, or what
// is left.
std::string_view next_input(WorkPipes& pipes, const TarReader& reader, std::int64_t at) {
  const auto left = static_cast<std::size_t>(reader.skippable());
  const std::size_t to_boundary = kStep - static_cast<std::size_t>(at) % kStep;
  const std::string_view input = pipes.input(left > 0 ? std::min(left, to_boundary) : 1);
  if (input.size() >= left || input.size() < to_boundary) return input;
  return input.substr(0, input.size() - (input.size() - to_boundary) % kStep);
}

// The record to compare with. Nothing if it cannot be read, which has been told.
std::optional<FileRecord> read_record(WorkPipes& pipes, int record) {
  struct stat status {};
  void* bytes = fstat(record, &status) == 0
                    ? mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, record, 0)
                    : MAP_FAILED;
  if (bytes == MAP_FAILED) {
    fail_path(pipes, errno, "mmap", "the record of the image's files");
    return std::nullopt;
  }
  FileRecord before({static_cast<const char*>(bytes), static_cast<std::size_t>(status.st_size)});
  if (!before.is_valid()) {
    pipes.fail(EIO, "the record of the image's files cannot be read");
    return std::nullopt;
  }
  return before;
}

// Ends this process after so many seconds: nobody waits any longer for what it would answer.
void die_after(unsigned seconds) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  alarm(seconds);
}

}  // namespace

void work_stat(WorkPipes& pipes, const std::string& path) {
  const FoundFile found = find_file(RootFolder(), RequestedPath(path));
  if (!found.file) {
    fail_path(pipes, found.error_number, "lstat", path);
    return;
  }
  pipes.opened(encode(found.stat));
  pipes.close();
}

void work_get(WorkPipes& pipes, const std::string& path) {
  const RootFolder root;
  const RequestedPath requested(path);
  const FoundFile found = find_file(root, requested);
  if (!found.file) {
    fail_path(pipes, found.error_number, "lstat", path);
    return;
  }
  pipes.opened(encode(found.stat));
  TarPacker packer(root, pipes);
  const bool is_folder = (found.stat.mode & kGoDirectory) != 0;
  finish_packing(
      pipes, packer,
      is_folder ? packer.add_folder(requested.path, requested.base) : packer.add(requested.path, requested.base));
}

void work_export(WorkPipes& pipes) {
  const RootFolder root;
  const Mounts mounts = Mounts::of_container();
  pipes.opened({});
  TarPacker packer(root, pipes);
  packer.leave_out(mounts);
  finish_packing(pipes, packer, packer.add_folder("/", ""));
}

void work_put(WorkPipes& pipes, const ArchivePutParameters& parameters) {
  umask(0);
  const RootFolder root;
  std::optional<Owner> owner;
  std::string error;
  if (!find_owner(parameters.owner, owner, error)) {
    pipes.fail(EINVAL, error);
    return;
  }
  if (!find_folder(root, parameters, pipes)) return;
  pipes.opened({});
  TarExtractor extractor(root, {.folder = RequestedPath(parameters.path).path,
                                .owner = owner,
                                .no_overwrite_dir_non_dir = parameters.no_overwrite_dir_non_dir});
  TarReader reader;
  std::string_view input;
  for (;;) {
    const TarReader::Event event = reader.next();
    if (!extract_step(reader, event, extractor, pipes)) return;
    if (event == TarReader::Event::end) break;
    if (event != TarReader::Event::need_input) continue;
    pipes.take(input.size());
    input = next_input(pipes, reader, extractor.written());
    if (input.empty()) reader.finish();
    reader.feed(input);
  }
  // What follows the tar's end is padding of some writers: taken, so that nobody is held up.
  do {
    pipes.take(input.size());
    input = pipes.input(1);
  } while (!input.empty());
  extractor.finish();
  pipes.close();
}

void work_changes(WorkPipes& pipes, int record) {
  const auto before = read_record(pipes, record);
  if (!before) return;
  pipes.opened({});
  std::string line;
  find_changes(RootFolder(), Mounts::of_container(), *before, [&](const FileChange& change) {
    line.clear();
    append(line, change);
    return pipes.write(line);
  });
  pipes.close();
}

void work_changed_size(WorkPipes& pipes, int record) {
  die_after(kLongestLook);
  const auto before = read_record(pipes, record);
  if (!before) return;
  pipes.opened(encode_size(changed_size(RootFolder(), Mounts::of_container(), *before)));
  pipes.close();
}

}  // namespace sockerless::agent
