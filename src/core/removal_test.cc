// What the store cannot forget is still there: or it would be back after the next start.

#include <gtest/gtest.h>

#include <algorithm>

#include "base/clock.h"
#include "core/networks.h"
#include "core/store.h"
#include "core/volumes.h"
#include "tests/support/run.h"

namespace sockerless::core {
namespace {

// A disk that has become read-only: what is there stays.
class ErasingFails final : public Store {
 public:
  Rows load(std::string_view table) override { return rows_.load(table); }
  Awaitable<void> put(std::string table, std::string key, std::string document, Durability durability) override {
    return rows_.put(std::move(table), std::move(key), std::move(document), durability);
  }
  Awaitable<void> erase(std::string, std::string) override {
    throw Error(ErrorKind::internal, "the state cannot be written: attempt to write a readonly database");
    co_return;
  }

 private:
  MemoryStore rows_;
};

class Removal : public testing::Test {
 protected:
  int destroyed() {
    const auto& events = events_.recent();
    return static_cast<int>(std::count_if(events.begin(), events.end(),
                                          [](const DockerEvent& event) { return event.action == "destroy"; }));
  }

  asio::io_context loop_;
  SystemClock clock_{loop_.get_executor()};
  ErasingFails store_;
  Events events_{clock_};
  ContainerTable containers_;
};

TEST_F(Removal, OfANetworkThatCannotBeForgottenLeavesIt) {
  Networks networks(clock_, store_, events_, containers_, "test");
  const NetworkRecord made = test::run(loop_, networks.create({.name = "app"}));
  EXPECT_THROW(test::run(loop_, networks.remove("app")), Error);
  EXPECT_EQ(networks.get("app").id, made.id);
  EXPECT_THROW(test::run(loop_, networks.create({.name = "app"})), Error);
  EXPECT_EQ(destroyed(), 0);
}

TEST_F(Removal, OfAVolumeThatCannotBeForgottenLeavesIt) {
  Volumes volumes(loop_.get_executor(), clock_, store_, events_, containers_);
  test::run(loop_, volumes.create({.name = "data", .labels = {{"keep", "yes"}}}));
  EXPECT_THROW(test::run(loop_, volumes.remove("data", true)), Error);
  EXPECT_EQ(volumes.get("data").labels.at("keep"), "yes");
  EXPECT_EQ(destroyed(), 0);
}

}  // namespace
}  // namespace sockerless::core
