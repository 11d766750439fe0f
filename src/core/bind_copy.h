#pragma once

#include <cstdint>

#include "base/worker_pool.h"
#include "core/drivers.h"
#include "core/launch_preparation.h"

namespace sockerless::core {

// Copies what containers bind from the daemon's host into their tasks, at every start anew: with
// SOCKERLESS_BINDS=copy. Nothing comes back. Lives on the daemon's loop; files are read by a thread of
// its own.
class BindCopy final : public LaunchPreparation {
 public:
  // `limit` is how many bytes one container may have copied.
  BindCopy(Drivers& drivers, std::uint64_t limit) : drivers_(drivers), limit_(limit) {}

  bool is_needed(const Container& container) const override;
  Awaitable<void> prepare(Container container) override;

 private:
  // Returns how many bytes it were.
  Awaitable<std::uint64_t> copy(Container container, MountPoint mount, std::uint64_t limit);

  Drivers& drivers_;
  std::uint64_t limit_;
  WorkerPool workers_{1};
};

}  // namespace sockerless::core
