#include "ecs/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sockerless::ecs {
namespace {

using testing::HasSubstr;

TEST(Timeline, TellsEveryMomentInOrderAndWhy) {
  aws::Task task{.task_arn = "arn:task/c/1", .desired_status = "STOPPED", .last_status = "STOPPED"};
  task.created_at = 1767225600;
  task.started_at = 1767225620.5;
  task.stopped_at = 1767225640;
  task.pull_started_at = 1767225610;
  task.stop_code = "EssentialContainerExited";
  task.stopped_reason = "Essential container in task exited";
  task.containers.push_back({.name = "main", .last_status = "STOPPED", .exit_code = 137, .reason = "OutOfMemoryError"});
  const std::string text = timeline_of(task);
  EXPECT_THAT(text, HasSubstr("2026-01-01T00:00:00Z  +0.0 s  RunTask accepted\n"
                              "  2026-01-01T00:00:10Z  +10.0 s  image pull begun\n"
                              "  2026-01-01T00:00:20.5Z  +20.5 s  running\n"
                              "  2026-01-01T00:00:40Z  +40.0 s  stopped\n"));
  EXPECT_THAT(text, HasSubstr("container main: STOPPED, exit code 137, OutOfMemoryError"));
  EXPECT_THAT(text,
              HasSubstr("why: EssentialContainerExited: Essential container in task exited: OutOfMemoryError (give"));
}

TEST(Timeline, OfATaskThatWaitsHasNoEnd) {
  const aws::Task task{.task_arn = "arn", .desired_status = "RUNNING", .last_status = "PROVISIONING"};
  EXPECT_THAT(timeline_of(task), HasSubstr("now PROVISIONING (wanted: RUNNING), address none\n"));
  EXPECT_THAT(timeline_of(task), testing::Not(HasSubstr("why")));
}

}  // namespace
}  // namespace sockerless::ecs
