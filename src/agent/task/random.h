#pragma once

#include <sys/random.h>

#include <cstdint>

namespace sockerless::agent {

// From the kernel; never blocks for longer than the machine's first seconds.
inline std::uint64_t random_number() {
  std::uint64_t number = 0;
  return getrandom(&number, sizeof number, 0) == sizeof number ? number : 0;
}

}  // namespace sockerless::agent
