#pragma once

#include "agent/hub/hub.h"
#include "core/file_driver.h"

namespace sockerless::drivers {

// Reads and writes a container's files through its agent. The hub must outlive it.
class AgentFileDriver final : public core::FileDriver {
 public:
  explicit AgentFileDriver(agent::Hub& hub) : hub_(hub) {}

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<core::PathStat> stat(core::Container container, std::string path) override;
  Awaitable<core::ArchiveStream> get(core::Container container, std::string path) override;
  Awaitable<void> put(core::Container container, core::ArchivePut request, core::ByteSource& tar) override;
  Awaitable<std::vector<core::FileChange>> changes(core::Container container) override;
  Awaitable<std::int64_t> changed_size(core::Container container) override;
  Awaitable<std::unique_ptr<core::ByteSource>> export_root(core::Container container) override;

 private:
  agent::Hub& hub_;
};

}  // namespace sockerless::drivers
