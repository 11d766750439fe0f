#include "agent/task/input_ring.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <utility>

namespace sockerless::agent {

namespace {

constexpr std::size_t kHead = 64 * 1024;  // a page, of whatever size
constexpr std::size_t kMapped = kHead + 2 * InputRing::kSize;

// Both processes have the word, so it is none of a single process.
void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

}  // namespace

std::optional<InputRing> InputRing::make() {
  void* room = mmap(nullptr, kMapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return std::nullopt;
  char* base = static_cast<char*>(room);
  void* once = mmap(base, kHead + kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  // Of shared memory, no old size means a second mapping.
  void* twice = once == MAP_FAILED
                    ? MAP_FAILED
                    : mremap(base + kHead, 0, kSize, MREMAP_MAYMOVE | MREMAP_FIXED, base + kHead + kSize);
  if (twice == MAP_FAILED) {
    const int error = errno;
    munmap(room, kMapped);
    errno = error;
    return std::nullopt;
  }
  return InputRing(base);
}

InputRing::InputRing(char* base) : shared_(new (base) Shared), data_(base + kHead) {}

InputRing::~InputRing() {
  if (shared_ != nullptr) munmap(shared_, kMapped);
}

InputRing::InputRing(InputRing&& other) noexcept
    : shared_(std::exchange(other.shared_, nullptr)), data_(std::exchange(other.data_, nullptr)) {}

InputRing& InputRing::operator=(InputRing&& other) noexcept {
  std::swap(shared_, other.shared_);
  std::swap(data_, other.data_);
  return *this;
}

std::size_t InputRing::put(std::string_view bytes) {
  const std::size_t size = std::min(bytes.size(), kSize - used());
  bytes.copy(at(shared_->put), size);
  shared_->put += static_cast<std::uint32_t>(size);
  return size;
}

// The worker says what it wants before it looks at what there is, and the agent the other way round: one of them sees
// the other.
void InputRing::wake() {
  const std::uint32_t wanted = shared_->wanted;
  if (wanted == 0 || (used() < wanted && shared_->is_ended == 0)) return;
  shared_->wanted = 0;
  futex(shared_->wanted, FUTEX_WAKE, INT_MAX);
}

bool InputRing::ask_for_room() {
  shared_->is_room_wanted = 1;
  return used() > kSize / 2 || shared_->is_room_wanted.exchange(0) == 0;
}

void InputRing::end() {
  shared_->is_ended = 1;
  wake();
}

std::string_view InputRing::wait(std::size_t least) {
  for (;;) {
    const bool is_ended = shared_->is_ended != 0;
    const std::size_t there = used();
    if (there >= least || is_ended) {
      shared_->wanted = 0;
      return {at(shared_->taken), there};
    }
    // Said first, then looked once more, then slept.
    const auto wanted = static_cast<std::uint32_t>(least);
    if (shared_->wanted.exchange(wanted) == wanted) futex(shared_->wanted, FUTEX_WAIT, wanted);
  }
}

bool InputRing::take(std::size_t count) {
  shared_->taken += static_cast<std::uint32_t>(count);
  return shared_->is_room_wanted != 0 && used() <= kSize / 2 && shared_->is_room_wanted.exchange(0) != 0;
}

}  // namespace sockerless::agent
