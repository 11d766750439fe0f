#include "cloud/ecs_api/fargate.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::cloud::ecs {
namespace {

TaskDefinition valid() {
  TaskDefinition definition;
  definition.family = "web";
  definition.network_mode = "awsvpc";
  definition.requires_compatibilities = {"FARGATE"};
  definition.cpu = "256";
  definition.memory = "512";
  definition.execution_role_arn = "arn:aws:iam::000000000000:role/execution";
  ContainerDefinition container;
  container.name = "main";
  container.image = "busybox";
  definition.containers = {container};
  return definition;
}

// What Fargate says to the valid definition after `change`; "" if it accepts it.
template <typename Change>
std::string refusal(Change change) {
  TaskDefinition definition = valid();
  change(definition, definition.containers.front());
  try {
    validate_task_definition(definition);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

using T = TaskDefinition;
using C = ContainerDefinition;

TEST(Fargate, AcceptsAPlainDefinition) {
  EXPECT_EQ(refusal([](T&, C&) {}), "");
}

TEST(Fargate, OffersTheDocumentedSizes) {
  for (const auto& [cpu, memory] :
       {std::pair{256, 512}, std::pair{256, 2048}, std::pair{512, 3072}, std::pair{1024, 8192}, std::pair{4096, 30720},
        std::pair{8192, 20480}, std::pair{16384, 122880}}) {
    EXPECT_NO_THROW(check_size(cpu, memory)) << cpu << " " << memory;
  }
  for (const auto& [cpu, memory] : {std::pair{256, 1536}, std::pair{256, 4096}, std::pair{300, 512},
                                    std::pair{1024, 1024}, std::pair{8192, 17408}, std::pair{16384, 36864}}) {
    EXPECT_THROW(check_size(cpu, memory), Error) << cpu << " " << memory;
  }
}

TEST(Fargate, ReadsSizesWithUnits) {
  EXPECT_EQ(parse_cpu(".25 vCPU"), 256);
  EXPECT_EQ(parse_cpu("1 vcpu"), 1024);
  EXPECT_EQ(parse_memory("0.5GB"), 512);
  EXPECT_EQ(parse_memory("2 GB"), 2048);
  EXPECT_THROW(parse_cpu("many"), Error);
}

TEST(Fargate, RefusesOtherSizesInItsWords) {
  EXPECT_EQ(refusal([](T& t, C&) { t.memory = "600"; }), "No Fargate configuration exists for given values.");
  EXPECT_EQ(refusal([](T& t, C&) { t.cpu = ""; }), "Fargate requires that 'cpu' be defined at the task level.");
}

TEST(Fargate, NeedsAwsvpc) {
  EXPECT_EQ(refusal([](T& t, C&) { t.network_mode = "bridge"; }), "Fargate only supports network mode ‘awsvpc’.");
}

TEST(Fargate, RefusesWhatItDoesNotHave) {
  const std::string unsupported = "Fargate compatible task definitions do not support ";
  EXPECT_EQ(refusal([](T&, C& c) { c.linux_parameters.emplace().shared_memory_size = 64; }),
            unsupported + "sharedMemorySize");
  EXPECT_EQ(refusal([](T&, C& c) { c.linux_parameters.emplace().tmpfs.emplace_back(nullptr); }), unsupported + "tmpfs");
  EXPECT_EQ(refusal([](T& t, C&) {
              t.volumes = {{"v"}};
              t.volumes[0].host = HostVolume{"/home"};
            }),
            unsupported + "sourcePath");
  EXPECT_EQ(refusal([](T&, C& c) { c.privileged = true; }),
            "Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.");
  EXPECT_EQ(refusal([](T&, C& c) { c.hostname = "web"; }),
            "hostname is not supported on container when networkMode=awsvpc.");
  EXPECT_EQ(refusal([](T&, C& c) { c.dns_servers = {"10.0.0.2"}; }),
            "DNS servers are not supported on container when networkMode=awsvpc.");
  EXPECT_EQ(refusal([](T&, C& c) { c.linux_parameters.emplace().capabilities.emplace().add = {"NET_ADMIN"}; }),
            "NET_ADMIN is not allowed on Fargate.");
}

TEST(Fargate, ChecksLogging) {
  const auto with = [](std::map<std::string, std::string> options, std::string driver = "awslogs") {
    return refusal([&](T&, C& c) { c.log_configuration = LogConfiguration{driver, options, {}}; });
  };
  EXPECT_EQ(with({{"awslogs-group", "g"}, {"awslogs-region", "r"}, {"awslogs-stream-prefix", "p"}}), "");
  EXPECT_EQ(with({{"awslogs-region", "r"}, {"awslogs-stream-prefix", "p"}}),
            "Log driver awslogs requires options: awslogs-group");
  EXPECT_EQ(with({{"awslogs-group", "g"}, {"awslogs-region", "r"}}),
            "Fargate requires log configuration options to include awslogs-stream-prefix to support "
            "log driver awslogs.");
  EXPECT_EQ(with({}, "json-file"), "json-file is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]");
  EXPECT_EQ(refusal([](T& t, C& c) {
              t.execution_role_arn = "";
              c.log_configuration = LogConfiguration{"awslogs", {}, {}};
            }),
            "Fargate requires task definition to have execution role ARN to support log driver "
            "awslogs.");
}

TEST(Fargate, KnowsItsVolumes) {
  EXPECT_EQ(refusal([](T&, C& c) { c.mount_points = {{"nope", "/data", {}}}; }), "Unknown volume 'nope'.");
  EXPECT_EQ(refusal([](T& t, C&) { t.volumes = {{"x"}}; }), "Volumes [x] are not referenced by any of the containers");
}

TEST(Fargate, ChecksDependencies) {
  const auto with = [](const std::string& condition, bool essential = false) {
    return refusal([&](T& t, C& c) {
      C other = c;
      other.name = "other";
      other.essential = essential;
      c.depends_on = {{"other", condition}};
      t.containers.push_back(other);
    });
  };
  EXPECT_EQ(with("SUCCESS"), "");
  EXPECT_EQ(with("COMPLETE", true),
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential "
            "container");
  EXPECT_EQ(with("HEALTHY"), "A dependency container with HEALTHY condition must have health check configured");
  EXPECT_EQ(refusal([](T&, C& c) {
              c.depends_on = {{"nobody", "START"}};
            }),
            "Cannot depend on container nobody because it does not exist");
  EXPECT_EQ(refusal([](T&, C& c) {
              c.depends_on = {{"main", "START"}};
            }),
            "There is a circular dependency between containers");
}

TEST(Fargate, ChecksContainersTogether) {
  EXPECT_EQ(refusal([](T& t, C&) { t.containers.clear(); }), "Container list cannot be empty.");
  EXPECT_EQ(refusal([](T& t, C& c) { t.containers.push_back(C(c)); }),
            "Container names must be unique within a task definition");
  EXPECT_EQ(refusal([](T&, C& c) { c.essential = false; }), "Task definition doesn't have any essential container");
  EXPECT_EQ(refusal([](T&, C& c) { c.cpu = 257; }),
            "The sum of all container 'cpu' values cannot be greater than the value of the task "
            "'cpu'.");
  EXPECT_EQ(refusal([](T&, C& c) { c.memory = 513; }),
            "The 'memory' setting for container 'main' is greater than for the task");
}

TEST(Fargate, ChecksPorts) {
  EXPECT_EQ(refusal([](T&, C& c) { c.port_mappings = {{80}, {80}}; }), "container port is used multiple times in task");
  EXPECT_EQ(refusal([](T&, C& c) {
              c.port_mappings = {{80, 8080}};
            }),
            "When networkMode=awsvpc, the host ports and container ports in port mappings must "
            "match.");
  EXPECT_EQ(refusal([](T&, C& c) { c.port_mappings = {{80, {}, "tcp"}, {80, {}, "udp"}}; }), "");
}

TEST(Fargate, ChecksTimesAndLimits) {
  EXPECT_EQ(refusal([](T&, C& c) { c.stop_timeout = 121; }),
            "Stop timeout must be less than or equal to the maximum allowed value 120 for container "
            "'main'");
  EXPECT_EQ(refusal([](T&, C& c) {
              c.ulimits = {{"nofile", 20, 10}};
            }),
            "Soft limit exceeds hard limit for ulimit nofile");
}

}  // namespace
}  // namespace sockerless::cloud::ecs
