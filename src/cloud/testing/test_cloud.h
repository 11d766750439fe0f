#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>

#include <filesystem>

#include "base/log.h"
#include "cloud/ecs_api/operations.h"
#include "cloud/front/api_error.h"
#include "cloud/logs_api/operations.h"
#include "cloud/testing/fake_machine.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::cloud::test {

// ECS and Logs on a machine that does nothing, behind their operations: no HTTP, no signatures, no
// real time.
class TestCloud : public testing::Test {
 protected:
  TestCloud() {
    configure_logging(LogLevel::warn, LogFormat::text);
    ecs::CreateClusterRequest cluster;
    cluster.name = "sockerless";
    cluster.capacity_providers = {"FARGATE"};
    clusters_.create(cluster);
  }

  ~TestCloud() override {
    machine_.release.set();
    sockerless::test::run(loop_, tasks_.shut_down({}));
    std::filesystem::remove_all(folder_);
  }

  // Throws ApiError.
  json::Value ecs(const std::string& operation, const std::string& request) {
    return call(ecs_service_, operation, request);
  }
  json::Value logs(const std::string& operation, const std::string& request) {
    return call(logs_service_, operation, request);
  }

  // "CODE: message"; "" if the call succeeds.
  std::string ecs_error(const std::string& operation, const std::string& request) {
    return error_of([&] { ecs(operation, request); });
  }
  std::string logs_error(const std::string& operation, const std::string& request) {
    return error_of([&] { logs(operation, request); });
  }

  // Everything that can happen without time passing.
  void settle() {
    loop_.restart();
    while (loop_.poll() > 0) {
    }
  }

  void register_task(const std::string& containers, const std::string& more = "") {
    ecs("RegisterTaskDefinition", R"({"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512",
        "requiresCompatibilities":["FARGATE"],"executionRoleArn":"arn:aws:iam::000000000000:role/x",)" +
                                      more + R"("containerDefinitions":)" + containers + "}");
  }

  static std::string run_request(const std::string& more = "") {
    return R"({"cluster":"sockerless","taskDefinition":"web","launchType":"FARGATE",)" + more +
           R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-local"]}}})";
  }

  // Starts one task and lets it get as far as it can; its ARN.
  std::string run_task(const std::string& more = "") {
    const auto answer = ecs("RunTask", run_request(more));
    settle();
    return text(answer.at("tasks").at(0).at("taskArn"));
  }

  json::Value describe(const std::string& arn) {
    return ecs("DescribeTasks", R"({"cluster":"sockerless","tasks":[")" + arn + R"("],"include":["TAGS"]})")
        .at("tasks")
        .at(0);
  }

  void stop_task(const std::string& arn) {
    ecs("StopTask", R"({"cluster":"sockerless","task":")" + arn + R"("})");
    settle();
  }

  static std::string text(const json::Value& value) { return json::from_value<std::string>(value); }

  asio::io_context loop_;
  sockerless::test::ManualClock clock_{loop_.get_executor()};
  std::string folder_ = make_folder();
  WorkerPool pool_{1};
  FakeMachine machine_;
  Identity identity_{"us-east-1", "000000000000"};
  logs::LogStore store_{folder_ + "/logs", identity_, clock_, {}};
  Tasks tasks_{{loop_.get_executor(), clock_, pool_, machine_, store_, identity_,
                folder_ + "/tasks", {{"fs-1", folder_}}, "amd64", {}}};
  ecs::Clusters clusters_{identity_};
  ecs::TaskDefinitions definitions_{identity_, clock_};
  ecs::EcsApi ecs_api_{identity_, clock_, clusters_, definitions_, tasks_, {},
                       ecs::ClientTokens(clock_)};
  logs::LogsApi logs_api_{store_, pool_};
  Service ecs_service_ = ecs::make_service(ecs_api_);
  Service logs_service_ = logs::make_service(logs_api_);

 private:
  static std::string make_folder() {
    std::string name = testing::TempDir() + "test_cloud_XXXXXX";
    return mkdtemp(name.data());
  }

  json::Value call(const Service& service, const std::string& operation,
                   const std::string& request) {
    return json::parse_value(sockerless::test::run(
        loop_, (*service.find(operation))(json::parse_value(request))));
  }

  template <typename Call>
  static std::string error_of(Call call) {
    try {
      call();
      return "";
    } catch (const std::exception& failure) {
      const ApiError error = to_api_error(failure);
      return error.code() + ": " + error.what();
    }
  }
};

}  // namespace sockerless::cloud::test
