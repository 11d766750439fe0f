#pragma once

#include <random>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "cloud/faults/settings.h"
#include "cloud/faults/throttle.h"

namespace sockerless::cloud {

// What goes wrong because somebody asked for it: the parts of the cloud ask here at the places where
// AWS can fail. Chances are drawn from one seeded sequence, so that a run can be repeated. Lives on the
// loop.
class Faults {
 public:
  // `initial` is what reset() goes back to. Throws Error(invalid_argument).
  Faults(FaultSettings initial, std::string region, Clock& clock);

  const FaultSettings& settings() const { return settings_; }
  // Replaces the members that the object names, whole: what a member does not say is its default. An
  // unknown member or a value out of range is an Error(invalid_argument), and nothing has changed.
  void change(const json::Value& members);
  void reset();

  bool drops_request() { return happens(settings_.dropped_requests); }
  bool drops_answer() { return happens(settings_.dropped_answers); }
  // Throws ApiError if the operation is to fail; `service` is a signing name.
  void before_operation(std::string_view service, std::string_view operation);
  bool lacks_capacity() { return happens(settings_.capacity); }
  // Throws ApiError if so many launches are too many by AWS's rates.
  void before_launches(int tasks, bool is_spot);
  Clock::Duration draw_launch_delay();
  Clock::Duration log_lag() const { return std::chrono::milliseconds(settings_.log_lag_ms); }
  int describes_to_miss() const { return settings_.describes_to_miss; }
  Clock::Duration clock_skew() const { return std::chrono::milliseconds(settings_.clock_skew_ms); }

 private:
  template <typename Limited>
  bool happens(Limited& chance);
  double draw() { return std::uniform_real_distribution<double>()(generator_); }

  FaultSettings initial_;
  FaultSettings settings_;
  Throttle throttle_;
  std::mt19937_64 generator_;
};

// The settings of --fault-run-task: "", "capacity", "throttle" or "error:CODE". Throws
// Error(invalid_argument) for anything else.
void add_run_task_fault(FaultSettings& settings, const std::string& fault);

}  // namespace sockerless::cloud
