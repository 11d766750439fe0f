#include "ecs/task_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "ecs/task_definition.h"

namespace sockerless::ecs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

core::Container labelled(std::map<std::string, std::string> labels) {
  core::Container container;
  container.id = std::string(64, 'a');
  container.path = "true";
  container.config.image = "ghcr.io/me/tool:1";
  container.config.hostname = container.short_id();
  container.config.labels = std::move(labels);
  return container;
}

const FargateSettings kSettings{.cluster = "c",
                                .subnets = {"subnet-1"},
                                .task_role_arn = "arn:role",
                                .registry_secrets = {{"ghcr.io", "arn:secret"}}};
const core::Launch kLaunch{.id = "launch", .client_token = "token"};

TEST(TaskOptions, AreTheSettingsWithoutLabels) {
  const TaskOptions options = task_options(labelled({}), kSettings);
  EXPECT_EQ(options.capacity, Capacity::on_demand);
  EXPECT_EQ(options.task_role_arn, "arn:role");
  EXPECT_THAT(options.subnets, ElementsAre("subnet-1"));
  EXPECT_EQ(options.registry_secret, "arn:secret");
  EXPECT_EQ(options.ephemeral_storage_gib, 0);
}

TEST(TaskOptions, LabelsReachTheRequests) {
  const auto container = labelled({{"sockerless.cpu", "0.5"},
                                   {"sockerless.memory", "2g"},
                                   {"sockerless.ephemeral-storage", "50"},
                                   {"sockerless.task-role", "arn:other"},
                                   {"sockerless.subnets", "subnet-8,subnet-9"},
                                   {"sockerless.public-ip", "true"},
                                   {"sockerless.capacity", "spot"},
                                   {"sockerless.registry-credentials", "arn:mine"}});
  const auto definition = plan_task_definition(container, kSettings).request;
  EXPECT_EQ(definition.cpu, "512");
  EXPECT_EQ(definition.memory, "2048");
  EXPECT_EQ(definition.ephemeral_storage->size_in_gib, 50);
  EXPECT_EQ(definition.task_role_arn, "arn:other");
  EXPECT_EQ(definition.container_definitions[0].repository_credentials->credentials_parameter, "arn:mine");
  const auto run = plan_run_task(container, kLaunch, kSettings, Capacity::spot);
  EXPECT_THAT(run.network_configuration->awsvpc_configuration->subnets, ElementsAre("subnet-8", "subnet-9"));
  EXPECT_EQ(run.network_configuration->awsvpc_configuration->assign_public_ip, "ENABLED");
  EXPECT_EQ(run.launch_type, "");
  EXPECT_EQ(run.capacity_provider_strategy.at(0).capacity_provider, "FARGATE_SPOT");
}

TEST(TaskOptions, FallbackHasATokenOfItsOwn) {
  const auto container = labelled({{"sockerless.capacity", "spot-fallback"}});
  EXPECT_EQ(plan_run_task(container, kLaunch, kSettings, Capacity::spot_fallback).client_token, "token");
  const auto fallback = plan_run_task(container, kLaunch, kSettings, Capacity::on_demand);
  EXPECT_EQ(fallback.client_token, "token-od");
  EXPECT_EQ(fallback.launch_type, "FARGATE");
}

TEST(TaskOptions, ImpossibleLabelIsNamed) {
  for (const auto& [label, value] : std::vector<std::pair<std::string, std::string>>{{"cpu", "many"},
                                                                                     {"cpu", "-1"},
                                                                                     {"memory", "512"},
                                                                                     {"memory", "9x"},
                                                                                     {"ephemeral-storage", "20"},
                                                                                     {"capacity", "free"},
                                                                                     {"subnets", "vpc-1"},
                                                                                     {"task-role", "admin"},
                                                                                     {"public-ip", "yes"},
                                                                                     {"registry-credentials", "x"}}) {
    try {
      task_options(labelled({{"sockerless." + label, value}}), kSettings);
      ADD_FAILURE() << label << " took " << value;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      EXPECT_THAT(error.what(), HasSubstr("label sockerless." + label));
    }
  }
}

}  // namespace
}  // namespace sockerless::ecs
