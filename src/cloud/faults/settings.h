#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"

// What the admin API reads and writes; docs/local-cloud.md is its reference. The defaults are a cloud
// in which nothing goes wrong.
namespace sockerless::cloud {

// Something that happens with a probability, and a limited number of times if there is a count,
// which goes down with every time.
struct Chance {
  double rate = 0;  // 0 to 1
  std::optional<std::int64_t> count;

  static constexpr auto fields() {
    return std::tuple{json::field("rate", &Chance::rate),
                      json::field("count", &Chance::count, json::Emit::null_if_empty)};
  }
};

// How long a task stays in PROVISIONING.
struct LaunchDelay {
  std::string distribution = "uniform";  // or "exponential"
  std::int64_t min_ms = 0;
  std::int64_t mean_ms = 0;  // exponential: on top of min_ms
  std::int64_t max_ms = 0;   // uniform: at least min_ms; exponential: 0 is without end

  static constexpr auto fields() {
    return std::tuple{json::field("distribution", &LaunchDelay::distribution),
                      json::field("minMs", &LaunchDelay::min_ms), json::field("meanMs", &LaunchDelay::mean_ms),
                      json::field("maxMs", &LaunchDelay::max_ms)};
  }
};

// An answer to an operation in place of its own.
struct InjectedError {
  std::string operation;
  std::string code;
  std::string message = "Injected by the admin API.";
  int status = 400;
  double rate = 1;
  std::optional<std::int64_t> count;

  static constexpr auto fields() {
    using E = InjectedError;
    return std::tuple{
        json::field("operation", &E::operation), json::field("code", &E::code),
        json::field("message", &E::message),     json::field("status", &E::status),
        json::field("rate", &E::rate),           json::field("count", &E::count, json::Emit::null_if_empty)};
  }
};

// Whether calls are limited as AWS limits them, and to which part of its rates.
struct Throttling {
  bool enabled = false;
  double scale = 1;

  static constexpr auto fields() {
    return std::tuple{json::field("enabled", &Throttling::enabled), json::field("scale", &Throttling::scale)};
  }
};

struct FaultSettings {
  std::uint64_t seed = 1;  // of everything that happens by chance
  LaunchDelay launch_delay;
  Chance capacity;  // for each task of a RunTask
  std::vector<InjectedError> errors;
  Chance server_errors;
  Chance dropped_requests;  // before anything has happened
  Chance dropped_answers;   // after it has happened
  Throttling throttling;
  std::int64_t log_lag_ms = 0;
  int describes_to_miss = 0;       // for each new task
  std::int64_t clock_skew_ms = 0;  // of the front door's clock, ahead of this machine's

  static constexpr auto fields() {
    using S = FaultSettings;
    return std::tuple{json::field("seed", &S::seed),
                      json::field("launchDelay", &S::launch_delay),
                      json::field("capacity", &S::capacity),
                      json::field("errors", &S::errors),
                      json::field("serverErrors", &S::server_errors),
                      json::field("droppedRequests", &S::dropped_requests),
                      json::field("droppedAnswers", &S::dropped_answers),
                      json::field("throttling", &S::throttling),
                      json::field("logLagMs", &S::log_lag_ms),
                      json::field("describesToMiss", &S::describes_to_miss),
                      json::field("clockSkewMs", &S::clock_skew_ms)};
  }
};

}  // namespace sockerless::cloud
