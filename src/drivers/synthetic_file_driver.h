#pragma once

#include "core/file_driver.h"
#include "core/staged_files.h"
#include "core/staging.h"

namespace sockerless::drivers {

// The files of a container without an agent: what is staged for it can be read, and more be staged
// for its next start.
class SyntheticFileDriver final : public core::FileDriver {
 public:
  explicit SyntheticFileDriver(core::Staging& staging) : staging_(staging), staged_(staging) {}

  bool serves(const core::Container& container) const override {
    return container.agent == core::AgentPresence::absent;
  }
  Awaitable<core::PathStat> stat(core::Container container, std::string path) override;
  Awaitable<core::ArchiveStream> get(core::Container container, std::string path) override;
  Awaitable<void> put(core::Container container, core::ArchivePut request, core::ByteSource& tar) override;
  Awaitable<std::vector<core::FileChange>> changes(core::Container container) override;
  Awaitable<std::int64_t> changed_size(core::Container container) override;
  Awaitable<std::unique_ptr<core::ByteSource>> export_root(core::Container container) override;

 private:
  core::Staging& staging_;
  core::StagedFiles staged_;
};

}  // namespace sockerless::drivers
