#include "ecs/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ecs/task_definition.h"

namespace sockerless::ecs {
namespace {

using testing::ElementsAre;

core::Container web() {
  core::Container container;
  container.id = std::string(60, 'a') + "bcde";
  container.name = "web";
  container.architecture = "arm64";
  container.path = "sh";
  container.args = {"-c", "true"};
  container.agent_token = "secret-token";
  container.config.image = "busybox:1.36";
  container.config.hostname = container.short_id();
  container.config.env = {"A=b=c", "EMPTY="};
  container.config.working_dir = "/work";
  container.config.user = "1000:1000";
  container.config.labels = {{"com.example", "yes"}};
  container.config.exposed_ports["80/tcp"] = {};
  container.config.open_stdin = true;
  container.config.stdin_once = true;
  container.config.tty = true;
  container.host_config.readonly_rootfs = true;
  return container;
}

const FargateSettings kSettings{.region = "eu-west-1", .cluster = "jobs", .instance = "me"};

// What ECS makes of our requests.
aws::TaskDefinition registered(const core::Container& container) {
  auto request = plan_task_definition(container, kSettings).request;
  return {.task_definition_arn = "arn:definition",
          .family = request.family,
          .container_definitions = request.container_definitions,
          .cpu = request.cpu,
          .memory = request.memory,
          .runtime_platform = request.runtime_platform,
          .registered_at = 1700000000.0};
}

aws::Task launched(const core::Container& container) {
  const auto request =
      plan_run_task(container, {.id = "launch", .client_token = "token"}, kSettings, Capacity::on_demand);
  aws::Task task;
  task.task_arn = "arn:task";
  task.task_definition_arn = "arn:definition";
  task.started_by = request.started_by;
  task.tags = request.tags;
  task.created_at = 1700000001.0;
  task.started_at = 1700000002.5;
  return task;
}

TEST(RebuildContainer, IsTheWayBackFromThePlans) {
  const core::Container before = web();
  const auto after = rebuild_container(launched(before), registered(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->name, "web");
  EXPECT_EQ(after->architecture, "arm64");
  EXPECT_EQ(after->image_id.size(), 7 + 64u);
  EXPECT_EQ(after->path, "sh");
  EXPECT_EQ(after->args, before.args);
  EXPECT_EQ(after->agent_token, "secret-token");
  EXPECT_EQ(after->config.image, "busybox:1.36");
  EXPECT_THAT(after->config.env, ElementsAre("A=b=c", "EMPTY="));
  EXPECT_EQ(after->config.working_dir, "/work");
  EXPECT_EQ(after->config.user, "1000:1000");
  EXPECT_EQ(after->config.labels, before.config.labels);
  EXPECT_TRUE(after->config.exposed_ports.contains("80/tcp"));
  EXPECT_EQ(after->config.exposed_ports.size(), 1u);
  EXPECT_TRUE(after->config.tty);
  EXPECT_TRUE(after->config.open_stdin);
  EXPECT_TRUE(after->config.stdin_once);
  EXPECT_TRUE(after->host_config.readonly_rootfs);
}

TEST(RebuildContainer, HasTheTaskAsItsRunningLaunch) {
  const auto after = rebuild_container(launched(web()), registered(web()));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->definition, "arn:definition");
  EXPECT_EQ(after->state.status, core::Status::running);
  EXPECT_EQ(after->state.started_at, 1'700'000'002'500'000'000);
  ASSERT_EQ(after->launches.size(), 1u);
  EXPECT_EQ(after->launches[0].id, "launch");
  EXPECT_EQ(after->launches[0].task, "arn:task");
  EXPECT_FALSE(after->launches[0].has_ended());
}

TEST(RebuildContainer, TakesNothingThatIsNotOurs) {
  auto task = launched(web());
  task.tags.clear();
  EXPECT_FALSE(rebuild_container(task, registered(web())));
  auto definition = registered(web());
  definition.container_definitions.front().environment.clear();
  EXPECT_FALSE(rebuild_container(launched(web()), definition));
}

}  // namespace
}  // namespace sockerless::ecs
