#include "core/orphans.h"

#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using test::TestDaemon;

class FakeInventory final : public core::Inventory {
 public:
  Awaitable<std::vector<core::OwnedTask>> tasks(std::set<std::string> known) override {
    known_tasks = std::move(known);
    co_return found_tasks;
  }
  Awaitable<std::vector<core::OwnedDefinition>> definitions(std::vector<std::string> known) override {
    known_ids = std::move(known);
    co_return found_definitions;
  }
  Awaitable<std::optional<core::Container>> rebuild(core::OwnedTask) override { co_return rebuilt; }

  std::vector<core::OwnedTask> found_tasks;
  std::vector<core::OwnedDefinition> found_definitions;
  std::optional<core::Container> rebuilt;
  std::vector<std::string> known_ids;
  std::set<std::string> known_tasks;
};

class OrphanLooks : public testing::Test {
 protected:
  void look() {
    test::run(daemon_.loop, orphans_.look_at_tasks());
    daemon_.settle();
  }

  core::OwnedTask task_of(const std::string& container_id, Clock::Duration age) {
    return {.task = "task-x",
            .definition = "definition-x",
            .container_id = container_id,
            .launch_id = "launch-x",
            .created_at = daemon_.clock.now() - age};
  }

  TestDaemon daemon_;
  FakeInventory inventory_;
  core::Orphans orphans_{daemon_.loop.get_executor(), daemon_.clock, inventory_, daemon_.lifecycle, daemon_.janitor};
};

const std::string kId(64, 'f');

TEST_F(OrphanLooks, ATaskWithoutARecordIsStoppedAtTheSecondLook) {
  inventory_.found_tasks = {task_of(kId, 11min)};
  look();
  EXPECT_TRUE(daemon_.backend.stopped.empty());
  look();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
}

TEST_F(OrphanLooks, AYoungTaskIsLeftAlone) {
  inventory_.found_tasks = {task_of(kId, 9min)};
  look();
  look();
  EXPECT_TRUE(daemon_.backend.stopped.empty());
  daemon_.clock.advance(2min);
  look();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
}

TEST_F(OrphanLooks, ATaskIsStoppedThoughTheClockWasSetBack) {
  inventory_.found_tasks = {task_of(kId, 11min)};
  daemon_.clock.set_wall_clock(daemon_.clock.now() - 24h);
  look();
  look();
  EXPECT_TRUE(daemon_.backend.stopped.empty());
  daemon_.clock.advance(11min);
  look();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
}

TEST_F(OrphanLooks, ATaskOnRecordIsLeftAlone) {
  const std::string id = daemon_.create("web");
  daemon_.start("web", id);
  auto task = task_of(id, 1h);
  task.launch_id = daemon_.record("web").current_launch()->id;
  inventory_.found_tasks = {task};
  look();
  look();
  EXPECT_TRUE(daemon_.backend.stopped.empty());
}

// At a thousand containers that is a third of all calls.
TEST_F(OrphanLooks, TasksOnRecordAreNotAskedAbout) {
  const std::string id = daemon_.create("web");
  daemon_.start("web", id);
  look();
  EXPECT_EQ(inventory_.known_tasks, std::set<std::string>{"task-web"});
  daemon_.agents.exits(id, 0);
  daemon_.settle();
  look();
  EXPECT_TRUE(inventory_.known_tasks.empty());
}

TEST_F(OrphanLooks, TheTaskOfALaunchThatHasEndedIsStopped) {
  const std::string id = daemon_.create("web");
  daemon_.start("web", id);
  daemon_.agents.exits(id, 0);
  daemon_.settle();
  auto task = task_of(id, 1h);
  task.launch_id = daemon_.record("web").current_launch()->id;
  inventory_.found_tasks = {task};
  inventory_.rebuilt = daemon_.record("web");
  look();
  look();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
}

TEST_F(OrphanLooks, ATaskThatTellsItsContainerIsAdopted) {
  core::Container container;
  container.id = kId;
  container.name = "lost";
  container.state.status = core::Status::running;
  container.state.started_at = 1;
  container.launches.push_back({.id = "launch-x", .client_token = "token", .task = "task-x"});
  inventory_.found_tasks = {task_of(kId, 1min)};
  inventory_.rebuilt = container;
  look();
  EXPECT_EQ(daemon_.get("/containers/lost/json").at("State.Status"), "running");
  daemon_.backend.task_stops(kId, 7);
  daemon_.settle();
  EXPECT_EQ(daemon_.record("lost").state.exit_code, 7);
  EXPECT_TRUE(daemon_.backend.stopped.empty());
}

TEST_F(OrphanLooks, AnAdoptedContainerWhoseNameIsTakenGetsAnother) {
  daemon_.create("lost");
  core::Container container;
  container.id = kId;
  container.name = "lost";
  container.state.status = core::Status::running;
  container.launches.push_back({.id = "launch-x", .client_token = "token", .task = "task-x"});
  inventory_.found_tasks = {task_of(kId, 1min)};
  inventory_.rebuilt = container;
  look();
  EXPECT_EQ(daemon_.record(kId).name, "lost_ffffffffffff");
}

TEST_F(OrphanLooks, ADefinitionWithoutARecordIsDeregisteredOnceItIsOld) {
  inventory_.found_definitions = {{.definition = "old", .container_id = kId, .registered_at = daemon_.clock.now() - 1h},
                                  {.definition = "new", .container_id = kId, .registered_at = daemon_.clock.now()}};
  const std::string id = daemon_.create("web");
  test::run(daemon_.loop, orphans_.look_at_definitions());
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.deregistered, std::vector<std::string>{"old"});
  EXPECT_EQ(inventory_.known_ids, std::vector<std::string>{id});
}

TEST_F(OrphanLooks, LooksGoOnAtIntervals) {
  orphans_.start();
  daemon_.settle();
  inventory_.found_tasks = {task_of(kId, 1h)};
  daemon_.clock.advance(5min);
  daemon_.settle();
  daemon_.clock.advance(5min);
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
  test::run(daemon_.loop, orphans_.stop());
}

}  // namespace
}  // namespace sockerless
