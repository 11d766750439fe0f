#include "agent/task/input_ring.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace sockerless::agent {
namespace {

// A byte of an endless input that shows where it stands.
char byte_at(std::size_t position) { return static_cast<char>(position * 7 + position / 251); }

std::string bytes_from(std::size_t position, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(position + i);
  return bytes;
}

bool is_from(std::string_view bytes, std::size_t position) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != byte_at(position + i)) return false;
  }
  return true;
}

TEST(InputRing, TakesNoMoreThanItHasRoomFor) {
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  const std::string bytes = bytes_from(0, InputRing::kSize + 1000);
  EXPECT_EQ(ring->put(bytes), InputRing::kSize);
  EXPECT_EQ(ring->put("more"), 0U);
  EXPECT_TRUE(ring->wait(1) == std::string_view(bytes).substr(0, InputRing::kSize));
}

TEST(InputRing, WhatRunsOverItsEndIsInOnePiece) {
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  ring->put(bytes_from(0, InputRing::kSize - 10));
  EXPECT_FALSE(ring->take(InputRing::kSize - 10));
  ring->put("over the end of the ring");
  EXPECT_EQ(ring->wait(1), "over the end of the ring");
}

TEST(InputRing, TheEndIsNoReasonToWait) {
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  ring->put("abc");
  ring->end();
  EXPECT_EQ(ring->wait(100), "abc");
  EXPECT_FALSE(ring->take(3));
  EXPECT_EQ(ring->wait(1), "");
}

TEST(InputRing, TellsOnceThatHalfOfItIsFree) {
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  ring->put(bytes_from(0, InputRing::kSize));
  EXPECT_TRUE(ring->ask_for_room());
  EXPECT_FALSE(ring->take(InputRing::kSize / 2 - 1));
  EXPECT_TRUE(ring->take(1));
  EXPECT_FALSE(ring->take(1));
}

TEST(InputRing, RoomThatIsThereIsNotWaitedFor) {
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  EXPECT_FALSE(ring->ask_for_room());
  ring->put("abc");
  EXPECT_FALSE(ring->take(3));
}

// The reader is another process, as it is in the agent, and exits with 0 if it has read the right bytes.
TEST(InputRing, CarriesEverythingToAnotherProcess) {
  constexpr std::size_t kTotal = 50 * InputRing::kSize + 12345;
  auto ring = InputRing::make();
  ASSERT_TRUE(ring);
  const pid_t reader = fork();
  if (reader == 0) {
    std::size_t taken = 0;
    for (;;) {
      const std::size_t least = 1 + taken % InputRing::kMostWanted;
      const std::string_view input = ring->wait(least);
      if (input.empty()) _exit(taken == kTotal ? 0 : 1);
      if (!is_from(input, taken) || (input.size() < least && taken + input.size() != kTotal)) _exit(2);
      const std::size_t size = std::min(input.size(), least);
      taken += size;
      static_cast<void>(ring->take(size));
    }
  }
  const std::string piece = bytes_from(0, 251 * 256 * 3);  // the bytes come round in it
  for (std::size_t at = 0; at < kTotal;) {
    const std::string_view left =
        std::string_view(piece).substr(at % (251 * 256), std::min<std::size_t>(kTotal - at, 70'001));
    at += ring->put(left);
    ring->wake();
  }
  ring->end();
  int status = 0;
  ASSERT_EQ(waitpid(reader, &status, 0), reader);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sockerless::agent
