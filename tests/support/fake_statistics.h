#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/statistics_driver.h"

namespace sockerless::test {

// Says of every container with an agent what the test has put in.
class FakeStatistics final : public core::StatisticsDriver {
 public:
  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<core::ProcessList> top(core::Container, std::string arguments) override {
    asked.push_back(std::move(arguments));
    if (failure) throw Error(*failure);
    co_return processes;
  }
  Awaitable<core::ResourceSample> sample(core::Container) override {
    ++samples_taken;
    if (on_sample) on_sample();
    if (failure) throw Error(*failure);
    co_return next_sample;
  }

  core::ProcessList processes;
  core::ResourceSample next_sample;
  std::optional<Error> failure;
  std::function<void()> on_sample;

  std::vector<std::string> asked;
  int samples_taken = 0;
};

}  // namespace sockerless::test
