#include "core/archives.h"

#include <fmt/format.h>

#include "core/errors.h"

namespace sockerless::core {
namespace {

Error file_not_found(const std::string& path, const std::string& reference) {
  return {ErrorKind::not_found, fmt::format("Could not find the file {} in container {}", path, reference)};
}

// Docker's sentence instead of what the file system said.
Error in_dockers_words(const Error& error, const std::string& path, const std::string& reference) {
  return error.kind() == ErrorKind::not_found ? file_not_found(path, reference) : error;
}

bool is_below(std::string_view path, std::string_view folder) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Docker looks at the container's settings before it looks at the files.
void check_writable(const Container& container, const std::string& path) {
  const MountPoint* mount = nullptr;
  for (const MountPoint& candidate : container.mounts) {
    const bool is_closer = mount == nullptr || candidate.destination.size() > mount->destination.size();
    if (is_below(path, candidate.destination) && is_closer) mount = &candidate;
  }
  if (mount == nullptr && container.host_config.readonly_rootfs) {
    throw Error(ErrorKind::invalid_argument, "container rootfs is marked read-only");
  }
  if (mount != nullptr && !mount->read_write) {
    throw Error(ErrorKind::invalid_argument, "mounted volume is marked read-only");
  }
}

}  // namespace

Archives::Archives(Services services, const Containers& containers, Staging& staging)
    : services_(services), containers_(containers), staging_(staging), staged_(staging) {}

Awaitable<PathStat> Archives::stat(std::string reference, std::string path) {
  const Container container = containers_.get(reference);
  try {
    if (!container.state.is_running()) co_return co_await staged_.stat(container, path);
    co_return co_await services_.drivers.files.pick(container).stat(container, path);
  } catch (const Error& error) {
    throw in_dockers_words(error, path, reference);
  }
}

Awaitable<ArchiveStream> Archives::get(std::string reference, std::string path) {
  const Container container = containers_.get(reference);
  ArchiveStream stream;
  try {
    stream = container.state.is_running() ? co_await services_.drivers.files.pick(container).get(container, path)
                                          : co_await staged_.get(container, path);
  } catch (const Error& error) {
    throw in_dockers_words(error, path, reference);
  }
  services_.events.publish(container, "archive-path");
  co_return stream;
}

Awaitable<void> Archives::put(std::string reference, ArchivePut request, ByteSource& tar) {
  const Container container = containers_.get(reference);
  check_writable(container, request.path);
  const std::string path = request.path;
  try {
    if (container.state.is_running()) {
      co_await services_.drivers.files.pick(container).put(container, std::move(request), tar);
    } else {
      if (container.state.status == Status::removing) throw removal_in_progress(reference);
      co_await staged_.check_folder(container, path);
      request.make_folder = true;
      co_await staging_.stage(container.id, std::move(request), tar);
    }
  } catch (const Error& error) {
    throw in_dockers_words(error, path, reference);
  }
  services_.events.publish(container, "extract-to-dir");
}

Awaitable<std::vector<FileChange>> Archives::changes(std::string reference) {
  const Container container = containers_.get(reference);
  if (container.state.is_running()) {
    co_return co_await services_.drivers.files.pick(container).changes(container);
  }
  if (container.state.status == Status::created && !staging_.has(container.id)) co_return std::vector<FileChange>();
  throw Error(ErrorKind::conflict,
              fmt::format("container {} does not run: what has changed in its files is known only while its task runs",
                          reference));
}

Awaitable<std::unique_ptr<ByteSource>> Archives::export_root(std::string reference) {
  const Container container = containers_.get(reference);
  if (!container.state.is_running()) {
    throw Error(ErrorKind::conflict,
                fmt::format("container {} does not run: its file system exists only while its task runs", reference));
  }
  auto tar = co_await services_.drivers.files.pick(container).export_root(container);
  services_.events.publish(container, "export");
  co_return tar;
}

}  // namespace sockerless::core
