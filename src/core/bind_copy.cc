#include "core/bind_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "core/host_files.h"

namespace sockerless::core {
namespace {

const Logger log("binds");

}  // namespace

bool BindCopy::is_needed(const Container& container) const {
  return std::any_of(container.mounts.begin(), container.mounts.end(),
                     [](const MountPoint& mount) { return mount.copied; });
}

Awaitable<void> BindCopy::prepare(Container container) {
  std::uint64_t left = limit_;
  for (const MountPoint& mount : container.mounts) {
    if (!mount.copied) continue;
    try {
      left -= co_await copy(container, mount, left);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{} cannot be copied to {} of the container: {}", mount.source,
                                            mount.destination, error.what()));
    }
  }
}

Awaitable<std::uint64_t> BindCopy::copy(Container container, MountPoint mount, std::uint64_t limit) {
  const std::filesystem::path target(mount.destination);
  auto files = co_await workers_.run(
      [path = mount.source, name = target.filename().string(), limit] { return list_host_files(path, name, limit); });
  const std::uint64_t size = size_of(files);
  const std::size_t count = files.size();
  HostFilesSource tar(workers_, std::move(files));
  FileDriver& driver = drivers_.files.pick(container);
  co_await driver.put(
      container, {.path = mount.is_file ? target.parent_path().string() : mount.destination, .make_folder = true}, tar);
  log.info("a bind is copied", {{"container", container.short_id()},
                                {"source", mount.source},
                                {"files", std::to_string(count)},
                                {"bytes", std::to_string(size)}});
  co_return size;
}

}  // namespace sockerless::core
