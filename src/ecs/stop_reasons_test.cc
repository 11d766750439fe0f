#include "ecs/stop_reasons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "ecs/causes.h"
#include "ecs/settings.h"

namespace sockerless::ecs {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Sample {
  const char* text;    // AWS's own
  const char* remedy;  // a part of what must be advised
};

constexpr Sample kSamples[] = {
    {"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
     "docker.io/library/busybox:nope: not found",
     "name and tag"},
    {"CannotPullContainerError: pull access denied, repository does not exist or may require authorization",
     "SOCKERLESS_REGISTRY_CREDENTIALS"},
    {"CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
     "--platform"},
    {"CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReaderSeeker: failed open: "
     "unexpected status code https://x: 503",
     "start the container again"},
    {"CannotPullContainerError: toomanyrequests: You have reached your pull rate limit", "mirror the image to ECR"},
    {"CannotPullContainerError: failed to extract layer sha256:1: write /x: no space left on device",
     "sockerless.ephemeral-storage"},
    {"CannotPullContainerError: dial tcp 1.2.3.4:443: i/o timeout", "NAT gateway"},
    {"net/http: request canceled while waiting for connection", "NAT gateway"},
    {"The task can’t pull the image. Check that the role has the permissions to pull images from the registry.",
     "AmazonECSTaskExecutionRolePolicy"},
    {"ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from "
     "Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.",
     "VPC endpoints"},
    {"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
     "unable to retrieve secret from asm: AccessDenied",
     "secretsmanager:GetSecretValue"},
    {"ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
     "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
     "logs:CreateLogGroup"},
    {"ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: x : unsuccessful "
     "EFS utils command execution; code: 32",
     "2049"},
    {"Capacity is unavailable at this time. Please try again later or in a different availability zone", "other zones"},
    {"You’ve reached the limit on the number of vCPUs you can run concurrently", "L-3032A538"},
    {"You've reached the limit on the number of tasks you can run concurrently", "quota"},
    {"Your account is currently blocked. Please contact AWS Support.", "AWS support"},
    {"Timeout waiting for network interface provisioning to complete.", "start the container again"},
    {"Timeout waiting for EphemeralStorage provisioning to complete", "start the container again"},
    {"Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet "
     "'subnet-1': InsufficientFreeAddressesInSubnet",
     "add another"},
    {"RESOURCE:ENI", "network interface"},
    {"RESOURCE:CPU", "capacity providers"},
    {"RESOURCE:MEMORY", "capacity providers"},
    {"ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.", "trust policy"},
    {"User: arn:aws:iam::1:user/u is not authorized to perform: iam:PassRole on resource: arn", "iam:PassRole"},
    {"User: arn is not authorized to perform: ecs:RunTask on resource: arn", "IAM policy"},
    {"Unable to verify service linked role. Please verify that the ECS service linked role exists.",
     "create-service-linked-role"},
    {"Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist",
     "SOCKERLESS_ECS_SUBNETS"},
    {"subnets can not be empty.", "SOCKERLESS_ECS_SUBNETS"},
    {"Network Configuration must be provided when networkMode 'awsvpc' is specified.", "SOCKERLESS_ECS_SUBNETS"},
    {"Error retrieving security group information for [sg-1]", "SOCKERLESS_ECS_SECURITY_GROUPS"},
    {"Cluster not found.", "SOCKERLESS_ECS_CLUSTER"},
    {"The specified capacity provider was not found. Specify a valid name or ARN and try again.", "FARGATE_SPOT"},
    {"No Fargate configuration exists for given values.", "--memory"},
    {"Invalid 'cpu' setting for task.", "--cpus"},
    {"EphemeralStorage size should be at least 21", "21 to 200"},
    {"NET_ADMIN is not allowed on Fargate.", "SYS_PTRACE"},
    {"OutOfMemoryError: Container killed due to memory usage", "--memory"},
    {"OutOfMemoryError: container killed due to memory usage", "--memory"},
    {"ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m0s", "start it again"},
    {"Your Spot Task was interrupted.", "on-demand"},
    {"ECS is performing maintenance on the underlying infrastructure hosting the task.", "start the container again"},
    {"Task running on infrastructure pending retirement", "start the container again"},
    {"InternalError: failed to create container model", "start the container again"},
    {"exec /bin/x: exec format error", "--platform"},
    {"CannotCreateVolumeError: x", "access point"},
    {"CannotInspectContainerError: could not", "start the container again"},
    {"exec: \"/sockerless/bin/sockerless-agent\": no such file or directory", "SOCKERLESS_AGENT_IMAGE"},
};

TEST(Causes, EveryTextOfAwsIsPassedOnWholeWithItsRemedy) {
  for (const Sample& sample : kSamples) {
    EXPECT_THAT(with_remedy(sample.text), StartsWith(std::string(sample.text) + " ("));
    EXPECT_THAT(with_remedy(sample.text), HasSubstr(sample.remedy)) << sample.text;
  }
}

TEST(Causes, AreManyAndEachSampleHasOneOfItsOwn) {
  std::set<const Cause*> met;
  for (const Sample& sample : kSamples) met.insert(find_cause(sample.text));
  EXPECT_GE(met.size(), 40u);
  EXPECT_GE(known_causes(), 60u);
}

TEST(Causes, UnknownIsPassedOnAsItIs) {
  EXPECT_EQ(with_remedy("Strange things happened."), "Strange things happened.");
}

aws::Task stopped(std::string reason, std::string main_reason = "", std::string code = "") {
  aws::Task task{.last_status = "STOPPED"};
  task.stopped_reason = std::move(reason);
  task.stop_code = std::move(code);
  task.containers.push_back({.name = std::string(kMainContainer), .reason = std::move(main_reason)});
  return task;
}

TEST(StopReasons, JoinTheTasksReasonAndTheContainers) {
  EXPECT_THAT(explain_stop(stopped("Essential container in task exited", "OutOfMemoryError: Container killed")),
              StartsWith("Essential container in task exited: OutOfMemoryError: Container killed ("));
}

TEST(StopReasons, InstallerThatFailsIsNamed) {
  aws::Task task = stopped("Task failed to start");
  task.containers.push_back(
      {.name = std::string(kAgentInstaller), .reason = "CannotPullContainerError: pull access denied"});
  EXPECT_THAT(explain_stop(task), HasSubstr("pull access denied ("));
}

TEST(StopReasons, CodeExplainsWhatTheTextDoesNot) {
  EXPECT_THAT(explain_stop(stopped("Something ended it", "", "SpotInterruption")), HasSubstr("Spot capacity"));
  EXPECT_THAT(explain_stop(stopped("", "", "InfrastructureHealth")), HasSubstr("the machine below failed"));
}

TEST(StopReasons, RuntimesSentenceStandsAlone) {
  EXPECT_EQ(explain_stop(stopped("", "CannotStartContainerError: Error response from daemon: odd words")), "odd words");
}

TEST(StopReasons, RefusalKeepsKindAndRequestId) {
  const Error refusal = explain_refusal(aws::ApiError({.operation = "RunTask",
                                                       .code = "InvalidParameterException",
                                                       .text = "subnets can not be empty.",
                                                       .request_id = "id-1",
                                                       .http_status = 400}));
  EXPECT_THAT(refusal.what(), HasSubstr("(request id id-1)"));
  EXPECT_THAT(refusal.what(), EndsWith("(set SOCKERLESS_ECS_SUBNETS)"));
}

}  // namespace
}  // namespace sockerless::ecs
