#include "agent/protocol/credit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sockerless::agent {
namespace {

TEST(Credit, ReceiverRefusesMoreThanItGranted) {
  ReceiveWindow window;
  EXPECT_TRUE(window.receive(kInitialWindow));
  EXPECT_FALSE(window.receive(1));
}

TEST(Credit, SenderRefusesGrantsBeyondTheWindow) {
  SendWindow window;
  EXPECT_FALSE(window.grant(1));
  window.consume(10);
  EXPECT_FALSE(window.grant(0));
  EXPECT_FALSE(window.grant(11));
  EXPECT_FALSE(window.grant(0xffffffffU));
  EXPECT_TRUE(window.grant(10));
  EXPECT_EQ(window.available(), kInitialWindow);
}

// Whatever the sizes are, both sides agree and the stream never stalls for good.
TEST(Credit, BothSidesAgreeOverRandomTransfers) {
  std::mt19937 random(5);
  SendWindow sender;
  ReceiveWindow receiver;
  std::uint32_t held = 0;  // received and not yet consumed
  for (int round = 0; round < 20000; ++round) {
    const std::uint32_t bytes = std::min<std::uint32_t>(random() % 70000, sender.available());
    sender.consume(bytes);
    ASSERT_TRUE(receiver.receive(bytes));
    held += bytes;
    const std::uint32_t consumed = sender.available() == 0 ? held : std::min<std::uint32_t>(random() % 70000, held);
    held -= consumed;
    if (const std::uint32_t grant = receiver.release(consumed); grant > 0) ASSERT_TRUE(sender.grant(grant));
    ASSERT_TRUE(sender.available() > 0 || held > 0);
  }
}

}  // namespace
}  // namespace sockerless::agent
