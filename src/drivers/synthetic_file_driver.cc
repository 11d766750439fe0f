#include "drivers/synthetic_file_driver.h"

#include <fmt/format.h>

#include "base/log.h"

namespace sockerless::drivers {
namespace {

const Logger log("synthetic");

Error no_agent(const core::Container& container, std::string_view what) {
  return {ErrorKind::conflict, fmt::format("container {} has no agent: its task could not reach the daemon when it "
                                           "started, so {}",
                                           container.id, what)};
}

}  // namespace

Awaitable<core::PathStat> SyntheticFileDriver::stat(core::Container container, std::string path) {
  co_return co_await staged_.stat(std::move(container), std::move(path));
}

Awaitable<core::ArchiveStream> SyntheticFileDriver::get(core::Container container, std::string path) {
  co_return co_await staged_.get(std::move(container), std::move(path));
}

Awaitable<void> SyntheticFileDriver::put(core::Container container, core::ArchivePut request, core::ByteSource& tar) {
  log.warn("a container has no agent: what is copied into it comes there with its next start",
           {{"container", container.short_id()}, {"path", request.path}});
  co_await staged_.check_folder(container, request.path);
  request.make_folder = true;
  co_await staging_.stage(container.id, std::move(request), tar);
}

Awaitable<std::vector<core::FileChange>> SyntheticFileDriver::changes(core::Container container) {
  throw no_agent(container, "nobody knows what has changed in its files");
  co_return std::vector<core::FileChange>();
}

Awaitable<std::int64_t> SyntheticFileDriver::changed_size(core::Container container) {
  throw no_agent(container, "nobody knows what has changed in its files");
  co_return 0;
}

Awaitable<std::unique_ptr<core::ByteSource>> SyntheticFileDriver::export_root(core::Container container) {
  throw no_agent(container, "its files cannot be exported");
  co_return nullptr;
}

}  // namespace sockerless::drivers
