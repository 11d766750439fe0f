#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

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
  TestCloud();
  ~TestCloud() override;

  // Throws ApiError.
  json::Value ecs(const std::string& operation, const std::string& request);
  json::Value logs(const std::string& operation, const std::string& request);

  // "CODE: message"; "" if the call succeeds.
  std::string ecs_error(const std::string& operation, const std::string& request);
  std::string logs_error(const std::string& operation, const std::string& request);

  // Everything that can happen without time passing.
  void settle();

  // A definition of the family "web" with these containers; `more` are members of the task
  // definition, each with a comma behind it.
  void register_task(const std::string& containers, const std::string& more = "");
  static std::string run_request(const std::string& more = "");
  // Starts one task and lets it get as far as it can; its ARN.
  std::string run_task(const std::string& more = "");
  json::Value describe(const std::string& arn);
  void stop_task(const std::string& arn);

  static std::string text(const json::Value& value) { return json::from_value<std::string>(value); }

  asio::io_context loop_;
  sockerless::test::ManualClock clock_{loop_.get_executor()};
  std::string folder_;
  WorkerPool pool_{1};
  FakeMachine machine_;
  Identity identity_{"us-east-1", "000000000000"};
  Faults faults_{{}, identity_.region, clock_};
  StateStore state_;
  logs::LogStore store_;
  Tasks tasks_;
  ecs::Clusters clusters_{identity_, state_};
  ecs::TaskDefinitions definitions_{identity_, clock_, state_};
  ecs::EcsApi ecs_api_{identity_, clock_, clusters_, definitions_, tasks_, faults_, ecs::ClientTokens(clock_, state_)};
  logs::LogsApi logs_api_{store_, pool_};
  Service ecs_service_ = ecs::make_service(ecs_api_);
  Service logs_service_ = logs::make_service(logs_api_);

 private:
  json::Value call(const Service& service, const std::string& operation, const std::string& request);
};

}  // namespace sockerless::cloud::test
