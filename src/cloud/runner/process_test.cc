#include "cloud/runner/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace sockerless::cloud {
namespace {

// Event loops make descriptors non-blocking, for all copies of them.
TEST(Reap, OfANonBlockingDescriptorWaitsForTheEnd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    ::close(ends[1]);
    const auto at_end = ::read(ends[0], &byte, 1);
    ::_exit(at_end == 0 ? 7 : 8);
  }
  const Descriptor process = open_process(child);
  ::fcntl(process.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  std::thread release([&] { ::close(ends[1]); });
  EXPECT_EQ(reap(process), 7);
  release.join();
  ::close(ends[0]);
}

}  // namespace
}  // namespace sockerless::cloud
