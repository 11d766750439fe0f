#include "aws/cached_credentials.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

using namespace std::chrono_literals;

// Gives keys K1, K2, …; each lives an hour. Answers when the test opens the gate.
class CountingProvider final : public CredentialsProvider {
 public:
  explicit CountingProvider(Clock& clock) : clock_(clock) { gate.set(); }

  Awaitable<Credentials> get() override {
    ++calls;
    co_await gate.wait();
    if (fails) throw Error(ErrorKind::forbidden, "no keys today");
    co_return Credentials{.access_key_id = "K" + std::to_string(calls), .expiration = clock_.now() + 1h};
  }

  Event gate;
  bool fails = false;
  int calls = 0;

 private:
  Clock& clock_;
};

class CachedCredentialsTest : public testing::Test {
 protected:
  std::string key() { return test::run(loop_, cached_.get()).access_key_id; }
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor()};
  CountingProvider* source_ = new CountingProvider(clock_);
  CachedCredentials cached_{loop_.get_executor(), clock_, std::unique_ptr<CredentialsProvider>(source_)};
};

TEST_F(CachedCredentialsTest, AsksOnceWhileTheyLast) {
  EXPECT_EQ(key(), "K1");
  clock_.advance(40min);
  EXPECT_EQ(key(), "K1");
  EXPECT_EQ(source_->calls, 1);
}

TEST_F(CachedCredentialsTest, AsksOnceForAllWhoWait) {
  source_->gate.reset();
  std::vector<std::string> keys;
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(loop_, cached_.get(),
                   [&](std::exception_ptr, Credentials found) { keys.push_back(found.access_key_id); });
  }
  settle();
  EXPECT_TRUE(keys.empty());
  source_->gate.set();
  settle();
  EXPECT_EQ(keys, std::vector<std::string>(5, "K1"));
  EXPECT_EQ(source_->calls, 1);
}

TEST_F(CachedCredentialsTest, RenewsInTheBackgroundBeforeTheyExpire) {
  EXPECT_EQ(key(), "K1");
  clock_.advance(46min);
  source_->gate.reset();
  EXPECT_EQ(key(), "K1") << "nobody waits while ten minutes are left";
  source_->gate.set();
  settle();
  EXPECT_EQ(key(), "K2");
}

TEST_F(CachedCredentialsTest, WaitsForNewOnesWhenLittleIsLeft) {
  EXPECT_EQ(key(), "K1");
  clock_.advance(52min);
  EXPECT_EQ(key(), "K2");
}

TEST_F(CachedCredentialsTest, FailureLeavesWhatIsStillValid) {
  EXPECT_EQ(key(), "K1");
  clock_.advance(55min);
  source_->fails = true;
  EXPECT_EQ(key(), "K1");
  EXPECT_EQ(key(), "K1");
  EXPECT_EQ(source_->calls, 2) << "a source that fails is left alone for a minute";
  clock_.advance(6min);
  EXPECT_THROW(key(), Error);
  source_->fails = false;
  clock_.advance(1min);
  EXPECT_EQ(key(), "K4");
}

TEST_F(CachedCredentialsTest, FirstFailureIsTheCallersAndTriedAnew) {
  source_->fails = true;
  EXPECT_THROW(key(), Error);
  source_->fails = false;
  EXPECT_EQ(key(), "K2");
}

}  // namespace
}  // namespace sockerless::aws
