#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "aws/call_statistics.h"
#include "base/clock.h"
#include "core/container_table.h"
#include "core/janitor.h"
#include "http/server.h"

namespace sockerless::daemon {

// How long the Docker API's requests take, as Prometheus's histograms have it.
class RequestTimes {
 public:
  static constexpr std::array<double, 8> kBounds{0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60};  // seconds

  void add(double seconds);
  std::string text() const;

 private:
  std::array<std::uint64_t, kBounds.size()> at_most_{};
  std::uint64_t count_ = 0;
  double seconds_ = 0;
};

struct MetricsSources {
  const aws::CallStatistics& calls;
  const core::ContainerTable& containers;
  const core::Janitor& janitor;
};

// What --metrics serves, in Prometheus's text format: AWS calls by result, containers by state,
// launches, agents, unfinished clean-ups, request times.
class Metrics {
 public:
  Metrics(Clock& clock, MetricsSources sources) : clock_(clock), sources_(sources) {}

  std::string text() const;

  // `GET /metrics`, and nothing else.
  http::Handler handler();

  // Measures every request that `next` handles.
  http::Handler measured(http::Handler next);

 private:
  Awaitable<void> measure(http::Handler& next, http::Exchange& exchange);
  Awaitable<void> answer(http::Exchange& exchange);

  Clock& clock_;
  MetricsSources sources_;
  RequestTimes request_times_;
};

}  // namespace sockerless::daemon
