#include "cloud/tasks/container_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace sockerless::cloud {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

ContainerPlan plan() {
  ContainerPlan result;
  result.definition.name = "main";
  result.image.entrypoint = {"/entry"};
  result.image.command = {"serve"};
  result.image.environment = {"PATH=/bin", "COLOR=red"};
  result.network.address = "10.213.0.7";
  result.region = "eu-west-1";
  result.task_cpu_units = 256;
  result.task_memory_mib = 512;
  return result;
}

TEST(ContainerPlan, RunsTheImagesCommand) {
  EXPECT_THAT(plan_container(plan()).arguments, ElementsAre("/entry", "serve"));
}

TEST(ContainerPlan, AnEntryPointDropsTheImagesCommand) {
  auto given = plan();
  given.definition.entry_point = {"/mine"};
  EXPECT_THAT(plan_container(given).arguments, ElementsAre("/mine"));
  given.definition.command = {"x"};
  EXPECT_THAT(plan_container(given).arguments, ElementsAre("/mine", "x"));
}

TEST(ContainerPlan, AnOverrideReplacesTheCommand) {
  auto given = plan();
  given.definition.command = {"x"};
  given.override_.command = {"y", "z"};
  EXPECT_THAT(plan_container(given).arguments, ElementsAre("/entry", "y", "z"));
}

TEST(ContainerPlan, WithoutACommandCannotStart) {
  auto given = plan();
  given.image.entrypoint.clear();
  given.image.command.clear();
  EXPECT_THROW(plan_container(given), StartError);
}

TEST(ContainerPlan, TellsTheContainerWhereItsMetadataIs) {
  auto given = plan();
  given.id = "0123-0000000001";
  auto environment = plan_container(given).environment;
  EXPECT_THAT(environment, Contains("ECS_CONTAINER_METADATA_URI_V4=http://169.254.170.2/v4/0123-0000000001"));
  EXPECT_THAT(environment, Not(Contains(testing::StartsWith("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))));
  given.credentials_path = "/v2/credentials/x";
  environment = plan_container(given).environment;
  EXPECT_THAT(environment, Contains("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/x"));
}

TEST(ContainerPlan, MergesEnvironmentsByName) {
  auto given = plan();
  given.definition.environment = {{"COLOR", "green"}, {"SIZE", "1"}};
  given.override_.environment = {{"SIZE", "2"}};
  const auto environment = plan_container(given).environment;
  EXPECT_THAT(environment, Contains("COLOR=green"));
  EXPECT_THAT(environment, Contains("SIZE=2"));
  EXPECT_THAT(environment, Not(Contains("COLOR=red")));
  EXPECT_THAT(environment, Contains("PATH=/bin"));
  EXPECT_THAT(environment, Contains("AWS_REGION=eu-west-1"));
  EXPECT_THAT(environment, Contains("AWS_EXECUTION_ENV=AWS_ECS_FARGATE"));
  EXPECT_THAT(environment, Contains("HOSTNAME=ip-10-213-0-7.eu-west-1.compute.internal"));
}

TEST(ContainerPlan, NamesHostsAsTheRegionDoes) {
  EXPECT_EQ(private_dns_name("10.0.0.1", "us-east-1"), "ip-10-0-0-1.ec2.internal");
}

TEST(ContainerPlan, TakesLimitsFromTheTask) {
  auto given = plan();
  EXPECT_EQ(plan_container(given).memory_bytes, 512 * 1024 * 1024);
  given.definition.memory = 100;
  EXPECT_EQ(plan_container(given).memory_bytes, 100 * 1024 * 1024);
}

TEST(StopSignal, ReadsNamesAndNumbers) {
  EXPECT_EQ(parse_stop_signal("SIGQUIT", SIGTERM), SIGQUIT);
  EXPECT_EQ(parse_stop_signal("INT", SIGTERM), SIGINT);
  EXPECT_EQ(parse_stop_signal("10", SIGTERM), 10);
  EXPECT_EQ(parse_stop_signal("SIGRTMIN+3", SIGTERM), SIGRTMIN + 3);
  EXPECT_EQ(parse_stop_signal("", SIGTERM), SIGTERM);
  EXPECT_EQ(parse_stop_signal("NOPE", SIGTERM), SIGTERM);
}

}  // namespace
}  // namespace sockerless::cloud
