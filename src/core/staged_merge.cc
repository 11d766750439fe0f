#include "core/staged_merge.h"

#include <fmt/format.h>

namespace sockerless::core {

StagedMerge::StagedMerge(Executor executor, Staging& staging, Drivers& drivers)
    : staging_(staging), drivers_(drivers), tasks_(std::move(executor)) {}

Awaitable<void> StagedMerge::prepare(Container container) {
  FileDriver& files = drivers_.files.pick(container);
  for (const StagedArchive& archive : staging_.archives(container.id)) {
    ArchivePut request{.path = archive.path,
                       .no_overwrite_dir_non_dir = archive.no_overwrite_dir_non_dir,
                       .copy_uid_gid = archive.copy_uid_gid,
                       .make_folder = true};
    const auto tar = staging_.open(archive);
    try {
      co_await files.put(container, std::move(request), *tar);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("what was copied to {} before the start cannot be put there: {}",
                                            archive.path, error.what()));
    }
  }
}

void StagedMerge::container_removed(const Container& record) {
  tasks_.spawn("forget staged files", staging_.remove(record.id));
}

}  // namespace sockerless::core
