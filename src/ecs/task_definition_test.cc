#include "ecs/task_definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

core::Container web() {
  core::Container container;
  container.id = std::string(60, 'a') + "bcde";
  container.name = "web";
  container.architecture = "amd64";
  container.path = "sh";
  container.args = {"-c", "true"};
  container.agent_token = "secret-token";
  container.definition = "arn:definition";
  container.config.image = "busybox:1.36";
  container.config.hostname = container.short_id();
  container.config.env = {"A=b=c", "EMPTY="};
  container.config.working_dir = "/work";
  container.config.user = "1000:1000";
  return container;
}

FargateSettings settings() {
  return {.region = "eu-west-1",
          .cluster = "jobs",
          .subnets = {"subnet-1", "subnet-2"},
          .security_groups = {"sg-1"},
          .execution_role_arn = "arn:execution",
          .task_role_arn = "arn:task",
          .log_group = "/sockerless",
          .agent_efs_id = "fs-12345678",
          .instance = "me"};
}

std::string value_of(const std::vector<aws::KeyValuePair>& pairs, const std::string& name) {
  for (const auto& pair : pairs) {
    if (pair.name == name) return pair.value;
  }
  return "(absent)";
}

TEST(TaskDefinition, HasWhatTheSpecificationSays) {
  const auto plan = plan_task_definition(web(), settings());
  const auto& request = plan.request;
  EXPECT_EQ(request.family, "sockerless-aaaaaaaaaaaa");
  EXPECT_EQ(request.network_mode, "awsvpc");
  EXPECT_THAT(request.requires_compatibilities, ElementsAre("FARGATE"));
  EXPECT_EQ(request.cpu, "256");
  EXPECT_EQ(request.memory, "512");
  EXPECT_EQ(request.execution_role_arn, "arn:execution");
  EXPECT_EQ(request.task_role_arn, "arn:task");
  EXPECT_TRUE(plan.warnings.empty());

  const auto& main = request.container_definitions.front();
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(main.image, "busybox:1.36");
  EXPECT_EQ(main.essential, true);
  EXPECT_EQ(main.working_directory, "/work");
  EXPECT_EQ(main.user, "1000:1000");
  EXPECT_THAT(main.entry_point, ElementsAre("/sockerless/bin/sockerless-agent", "--addr", ":9111", "--"));
  EXPECT_THAT(main.command, ElementsAre("sh", "-c", "true"));
}

TEST(TaskDefinition, EnvironmentIsTheContainersAndTheAgents) {
  const auto plan = plan_task_definition(web(), settings());
  const auto& environment = plan.request.container_definitions.front().environment;
  EXPECT_EQ(value_of(environment, "A"), "b=c");
  EXPECT_EQ(value_of(environment, "EMPTY"), "");
  EXPECT_EQ(value_of(environment, "HOSTNAME"), web().short_id());
  EXPECT_EQ(value_of(environment, "SOCKERLESS_CONTAINER_ID"), web().id);
  EXPECT_EQ(value_of(environment, "SOCKERLESS_AGENT_TOKEN"), "secret-token");
  EXPECT_EQ(value_of(environment, "SOCKERLESS_AGENT_CALLBACK_URL"), "(absent)");
}

TEST(TaskDefinition, WithACallbackTheAgentCalls) {
  FargateSettings reverse = settings();
  reverse.callback_url = "http://10.0.0.1:99";
  const auto plan = plan_task_definition(web(), reverse);
  const auto& main = plan.request.container_definitions.front();
  EXPECT_THAT(main.entry_point,
              ElementsAre("/sockerless/bin/sockerless-agent", "--callback", "http://10.0.0.1:99", "--"));
  EXPECT_EQ(value_of(main.environment, "SOCKERLESS_AGENT_CALLBACK_URL"), "http://10.0.0.1:99");
}

TEST(TaskDefinition, LogsGoToTheContainersStream) {
  const auto plan = plan_task_definition(web(), settings());
  const auto& log = *plan.request.container_definitions.front().log_configuration;
  EXPECT_EQ(log.log_driver, "awslogs");
  EXPECT_EQ(log.options.at("awslogs-group"), "/sockerless");
  EXPECT_EQ(log.options.at("awslogs-region"), "eu-west-1");
  EXPECT_EQ(log.options.at("awslogs-stream-prefix"), "aaaaaaaaaaaa");
  EXPECT_EQ(log.options.at("mode"), "blocking");
  EXPECT_EQ(log_stream_of(web().id, "arn:aws:ecs:r:1:task/jobs/0123"), "aaaaaaaaaaaa/main/0123");
}

TEST(TaskDefinition, PortsAreMappedAndTheAgentsIsAdded) {
  core::Container container = web();
  container.config.exposed_ports["80/tcp"];
  container.host_config.port_bindings["53/udp"] = {};
  const auto plan = plan_task_definition(container, settings());
  const auto& ports = plan.request.container_definitions.front().port_mappings;
  ASSERT_EQ(ports.size(), 3u);
  EXPECT_EQ(ports[0].container_port, 53);
  EXPECT_EQ(ports[0].protocol, "udp");
  EXPECT_EQ(ports[1].container_port, 80);
  EXPECT_EQ(ports[2].container_port, 9111);
}

TEST(TaskDefinition, TheAgentsPortIsRefused) {
  core::Container container = web();
  container.config.exposed_ports["9111/tcp"];
  EXPECT_THROW(plan_task_definition(container, settings()), Error);
}

TEST(TaskDefinition, TheAgentComesFromAFileSystemOrAnImage) {
  const auto from_efs = plan_task_definition(web(), settings());
  const auto& volume = from_efs.request.volumes.back();
  EXPECT_EQ(volume.efs_volume_configuration->file_system_id, "fs-12345678");
  EXPECT_EQ(volume.efs_volume_configuration->root_directory, "/amd64");

  FargateSettings with_image = settings();
  with_image.agent_efs_id.clear();
  with_image.agent_image = "agent:1";
  const auto from_image = plan_task_definition(web(), with_image);
  ASSERT_EQ(from_image.request.container_definitions.size(), 2u);
  const auto& installer = from_image.request.container_definitions.back();
  EXPECT_EQ(installer.image, "agent:1");
  EXPECT_EQ(installer.essential, false);
  EXPECT_THAT(installer.command, ElementsAre("--install", "/sockerless/bin"));
  EXPECT_EQ(from_image.request.container_definitions.front().depends_on.front().condition, "SUCCESS");
}

TEST(TaskDefinition, MountsAndTmpfsBecomeTaskVolumes) {
  core::Container container = web();
  container.mounts = {{.type = "bind", .source = "/src", .destination = "/dst", .read_write = false},
                      {.type = "volume", .name = "data", .destination = "/data"}};
  container.host_config.tmpfs = {{"/run", "ro,size=1m"}};
  const auto plan = plan_task_definition(container, settings());
  const auto& mounts = plan.request.container_definitions.front().mount_points;
  EXPECT_EQ(mounts[0].container_path, "/dst");
  EXPECT_EQ(mounts[0].read_only, true);
  EXPECT_EQ(mounts[1].container_path, "/data");
  EXPECT_EQ(mounts[1].read_only, false);
  EXPECT_EQ(mounts[2].container_path, "/run");
  EXPECT_EQ(mounts[2].read_only, true);
}

TEST(TaskDefinition, ATaggedImageIsPulledByWhatItWasPulledBy) {
  core::Container container = web();
  container.image_source = "busybox:1.36";
  EXPECT_EQ(plan_task_definition(container, settings()).request.container_definitions.front().image, "busybox:1.36");
}

TEST(TaskDefinition, ALargerSizeOnRequestWithAWarningWhenRounded) {
  core::Container container = web();
  container.host_config.memory = 3000LL * 1024 * 1024;
  const auto plan = plan_task_definition(container, settings());
  EXPECT_EQ(plan.request.cpu, "512");
  EXPECT_EQ(plan.request.memory, "3072");
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("3072 MiB")));
}

TEST(TaskDefinition, PrivilegedIsRefusedAndNamed) {
  core::Container container = web();
  container.host_config.privileged = true;
  try {
    plan_task_definition(container, settings());
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("Privileged"));
  }
}

TEST(TaskDefinition, AnAgentThatIsRootIsToldTheUser) {
  auto with_root = settings();
  with_root.agent_is_root = true;
  auto container = web();
  const auto main_of = [&](const core::Container& one) {
    return plan_task_definition(one, with_root).request.container_definitions.front();
  };
  EXPECT_EQ(main_of(container).user, "0");
  EXPECT_EQ(value_of(main_of(container).environment, "SOCKERLESS_AGENT_COMMAND_USER"), "1000:1000");
  container.config.user.clear();
  EXPECT_EQ(value_of(main_of(container).environment, "SOCKERLESS_AGENT_COMMAND_USER"), "(absent)");
}

TEST(TaskDefinition, ALeaseGoesToTheAgent) {
  auto with_lease = settings();
  EXPECT_EQ(value_of(plan_task_definition(web(), with_lease).request.container_definitions.front().environment,
                     "SOCKERLESS_AGENT_LEASE"),
            "(absent)");
  with_lease.agent_lease_seconds = 90;
  EXPECT_EQ(value_of(plan_task_definition(web(), with_lease).request.container_definitions.front().environment,
                     "SOCKERLESS_AGENT_LEASE"),
            "90");
}

TEST(RunTask, SaysWhereTheAgentCallsNow) {
  FargateSettings reverse = settings();
  reverse.callback_url = "http://10.0.0.1:99";
  const auto request = plan_run_task(web(), {.id = "launch"}, reverse, Capacity::on_demand);
  EXPECT_EQ(value_of(request.overrides->container_overrides.front().environment, "SOCKERLESS_LAUNCH_CALLBACK_URL"),
            "http://10.0.0.1:99");
}

TEST(RunTask, CarriesTokenTagsAndTheLaunch) {
  const core::Launch launch{.id = "launch", .client_token = "token", .held = true};
  const auto request = plan_run_task(web(), launch, settings(), Capacity::on_demand);
  EXPECT_EQ(request.cluster, "jobs");
  EXPECT_EQ(request.task_definition, "arn:definition");
  EXPECT_EQ(request.launch_type, "FARGATE");
  EXPECT_EQ(request.client_token, "token");
  EXPECT_EQ(request.started_by, "launch");
  const auto& network = *request.network_configuration->awsvpc_configuration;
  EXPECT_THAT(network.subnets, ElementsAre("subnet-1", "subnet-2"));
  EXPECT_THAT(network.security_groups, ElementsAre("sg-1"));
  EXPECT_EQ(network.assign_public_ip, "DISABLED");
  const auto& environment = request.overrides->container_overrides.front().environment;
  EXPECT_EQ(value_of(environment, "SOCKERLESS_LAUNCH_ID"), "launch");
  EXPECT_EQ(value_of(environment, "SOCKERLESS_AGENT_WAIT"), "1");
  EXPECT_EQ(value_of(environment, "SOCKERLESS_LAUNCH_CALLBACK_URL"), "none");
  ASSERT_EQ(request.tags.size(), 4u);
  EXPECT_EQ(request.tags[0].key, "sockerless-managed");
  EXPECT_EQ(request.tags[1].value, "me");
}

}  // namespace
}  // namespace sockerless::ecs
