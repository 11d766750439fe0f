#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sockerless::agent {

// Input on its way from the agent to a worker, in memory that both have: nothing is copied into the kernel and out
// again, and a worker that keeps up makes no system call for it. Made before the fork; from then on each process keeps
// to its own end. The memory lies twice in a row in the address space, so that what has been put is always in one
// piece.
class InputRing {
 public:
  static constexpr std::size_t kSize = 512 * 1024;
  static constexpr std::size_t kMostWanted = kSize / 2;

  // Nothing, and errno, where there is no memory for it.
  static std::optional<InputRing> make();

  ~InputRing();
  InputRing(InputRing&& other) noexcept;
  InputRing& operator=(InputRing&& other) noexcept;

  // The agent's end, which never blocks.

  // Returns how much there was room for. The worker sees it, but may be asleep.
  std::size_t put(std::string_view bytes);

  // Wakes a worker that waits for no more than there is.
  void wake();

  // True if the worker will tell when half of the ring is free; false if it is free already.
  bool ask_for_room();

  // There will be no more.
  void end();

  // The worker's end.

  // Everything there is, once that is at least so much (kMostWanted at most) or there will be no more.
  std::string_view wait(std::size_t least);

  // Gives the first bytes of it back. True if the agent is to be told that there is room.
  [[nodiscard]] bool take(std::size_t count);

 private:
  // Both counts run on and wrap around.
  struct Shared {
    std::atomic<std::uint32_t> put = 0;
    std::atomic<std::uint32_t> taken = 0;
    std::atomic<std::uint32_t> wanted = 0;  // how much the worker sleeps for; 0 while it does not
    std::atomic<std::uint32_t> is_room_wanted = 0;
    std::atomic<std::uint32_t> is_ended = 0;
  };

  explicit InputRing(char* base);

  std::size_t used() const { return shared_->put - shared_->taken; }
  char* at(std::uint32_t count) const { return data_ + count % kSize; }

  Shared* shared_;
  char* data_;
};

}  // namespace sockerless::agent
