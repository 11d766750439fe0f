#include "cloud/testing/test_cloud.h"

#include <stdlib.h>

#include <filesystem>

#include "base/log.h"

namespace sockerless::cloud::test {
namespace {

std::string make_folder() {
  std::string name = testing::TempDir() + "test_cloud_XXXXXX";
  return mkdtemp(name.data());
}

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
    return "";
  } catch (const std::exception& failure) {
    const ApiError error = to_api_error(failure);
    return error.code() + ": " + error.what();
  }
}

}  // namespace

TestCloud::TestCloud()
    : folder_(make_folder()),
      state_(folder_ + "/state", loop_.get_executor()),
      store_({folder_ + "/logs", {}, 0}, identity_, clock_, state_),
      tasks_({loop_.get_executor(),
              clock_,
              pool_,
              machine_,
              store_,
              identity_,
              folder_ + "/tasks",
              {{"fs-1", folder_}},
              "amd64",
              {}},
             state_) {
  configure_logging(LogLevel::warn, LogFormat::text);
  ecs::CreateClusterRequest cluster;
  cluster.name = "sockerless";
  cluster.capacity_providers = {"FARGATE"};
  clusters_.create(cluster);
}

TestCloud::~TestCloud() {
  machine_.release.set();
  sockerless::test::run(loop_, tasks_.shut_down({}));
  std::filesystem::remove_all(folder_);
}

json::Value TestCloud::ecs(const std::string& operation, const std::string& request) {
  return call(ecs_service_, operation, request);
}

json::Value TestCloud::logs(const std::string& operation, const std::string& request) {
  return call(logs_service_, operation, request);
}

std::string TestCloud::ecs_error(const std::string& operation, const std::string& request) {
  return error_of([&] { ecs(operation, request); });
}

std::string TestCloud::logs_error(const std::string& operation, const std::string& request) {
  return error_of([&] { logs(operation, request); });
}

void TestCloud::settle() {
  loop_.restart();
  while (loop_.poll() > 0) {
  }
}

void TestCloud::register_task(const std::string& containers, const std::string& more) {
  ecs("RegisterTaskDefinition", R"({"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512",
      "requiresCompatibilities":["FARGATE"],"executionRoleArn":"arn:aws:iam::000000000000:role/x",)" +
                                    more + R"("containerDefinitions":)" + containers + "}");
}

std::string TestCloud::run_request(const std::string& more) {
  return R"({"cluster":"sockerless","taskDefinition":"web","launchType":"FARGATE",)" + more +
         R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-local"]}}})";
}

std::string TestCloud::run_task(const std::string& more) {
  const auto answer = ecs("RunTask", run_request(more));
  settle();
  return text(answer.at("tasks").at(0).at("taskArn"));
}

json::Value TestCloud::describe(const std::string& arn) {
  return ecs("DescribeTasks", R"({"cluster":"sockerless","tasks":[")" + arn + R"("],"include":["TAGS"]})")
      .at("tasks")
      .at(0);
}

void TestCloud::stop_task(const std::string& arn) {
  ecs("StopTask", R"({"cluster":"sockerless","task":")" + arn + R"("})");
  settle();
}

json::Value TestCloud::call(const Service& service, const std::string& operation, const std::string& request) {
  return json::parse_value(sockerless::test::run(loop_, (*service.find(operation))(json::parse_value(request))));
}

}  // namespace sockerless::cloud::test
