#include "cloud/faults/faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud {
namespace {

Error invalid(const std::string& what) { return {ErrorKind::invalid_argument, what}; }

// A misspelt member would silently do nothing. `known` is a document with every member.
void check_members(const boost::json::object& given, const boost::json::object& known, const std::string& path) {
  for (const auto& member : given) {
    const std::string name = path + std::string(member.key());
    const json::Value* counterpart = known.if_contains(member.key());
    if (counterpart == nullptr) throw invalid(fmt::format("unknown member \"{}\"", name));
    if (member.value().is_object() && counterpart->is_object()) {
      check_members(member.value().get_object(), counterpart->get_object(), name + ".");
    }
  }
}

void check_rate(double rate, std::string_view name) {
  if (!(rate >= 0 && rate <= 1)) throw invalid(fmt::format("{}: a rate is between 0 and 1", name));
}

void check_not_negative(std::int64_t number, std::string_view name) {
  if (number < 0) throw invalid(fmt::format("{} cannot be negative", name));
}

void check_errors(const std::vector<InjectedError>& errors) {
  for (const InjectedError& error : errors) {
    if (error.operation.empty() || error.code.empty()) throw invalid("errors: an entry needs operation and code");
    if (error.status < 400 || error.status > 599) throw invalid("errors.status is between 400 and 599");
    check_rate(error.rate, "errors.rate");
  }
}

void check(const FaultSettings& settings) {
  const LaunchDelay& delay = settings.launch_delay;
  if (delay.distribution != "uniform" && delay.distribution != "exponential") {
    throw invalid("launchDelay.distribution is \"uniform\" or \"exponential\"");
  }
  check_not_negative(delay.min_ms, "launchDelay.minMs");
  check_not_negative(delay.mean_ms, "launchDelay.meanMs");
  check_not_negative(delay.max_ms, "launchDelay.maxMs");
  check_rate(settings.capacity.rate, "capacity");
  check_rate(settings.server_errors.rate, "serverErrors");
  check_rate(settings.dropped_requests.rate, "droppedRequests");
  check_rate(settings.dropped_answers.rate, "droppedAnswers");
  check_errors(settings.errors);
  if (!(settings.throttling.scale > 0)) throw invalid("throttling.scale must be more than 0");
  check_not_negative(settings.log_lag_ms, "logLagMs");
  check_not_negative(settings.describes_to_miss, "describesToMiss");
}

ApiError server_failure(std::string_view service) {
  const std::string message = "Injected by the admin API.";
  if (service == "logs") return {"ServiceUnavailableException", message, 500};
  if (service == "sts") return {"InternalFailure", message, 500};
  return server_exception(message);
}

}  // namespace

Faults::Faults(FaultSettings initial, std::string region, Clock& clock)
    : initial_(std::move(initial)), throttle_(std::move(region), clock) {
  check(initial_);
  reset();
}

void Faults::change(const json::Value& members) {
  if (!members.is_object()) throw invalid("the faults are a JSON object");
  FaultSettings shape;
  shape.errors.clear();
  check_members(members.get_object(), json::parse_value(json::to_text(shape)).get_object(), "");
  const auto given = json::from_value<FaultSettings>(members);
  FaultSettings changed = settings_;
  std::apply(
      [&](const auto&... fields) {
        const auto one = [&](const auto& field) {
          if (members.get_object().contains(boost::json::string_view(field.name.data(), field.name.size()))) {
            changed.*field.member = given.*field.member;
          }
        };
        (one(fields), ...);
      },
      FaultSettings::fields());
  check(changed);
  const bool is_seeded = members.get_object().contains("seed");
  const bool is_throttled = members.get_object().contains("throttling");
  settings_ = std::move(changed);
  if (is_seeded) generator_.seed(settings_.seed);
  if (is_throttled) throttle_.reset();
}

void Faults::reset() {
  settings_ = initial_;
  generator_.seed(settings_.seed);
  throttle_.reset();
}

void Faults::before_operation(std::string_view service, std::string_view operation) {
  if (settings_.throttling.enabled && !throttle_.admits(service, operation, settings_.throttling.scale)) {
    throw throttled();
  }
  if (happens(settings_.server_errors)) throw server_failure(service);
  for (InjectedError& error : settings_.errors) {
    if (error.operation == operation && happens(error)) throw ApiError(error.code, error.message, error.status);
  }
}

void Faults::before_launches(int tasks, bool is_spot) {
  if (settings_.throttling.enabled && !throttle_.admits_launches(tasks, is_spot, settings_.throttling.scale)) {
    throw throttled();
  }
}

Clock::Duration Faults::draw_launch_delay() {
  const LaunchDelay& delay = settings_.launch_delay;
  double milliseconds = static_cast<double>(delay.min_ms);
  if (delay.distribution == "exponential") {
    if (delay.mean_ms > 0) {
      milliseconds += std::exponential_distribution<double>(1.0 / static_cast<double>(delay.mean_ms))(generator_);
    }
    if (delay.max_ms > 0) milliseconds = std::min(milliseconds, static_cast<double>(delay.max_ms));
  } else if (delay.max_ms > delay.min_ms) {
    milliseconds += draw() * static_cast<double>(delay.max_ms - delay.min_ms);
  }
  return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double, std::milli>(milliseconds));
}

template <typename Limited>
bool Faults::happens(Limited& chance) {
  if (chance.rate <= 0 || (chance.count && *chance.count <= 0)) return false;
  if (chance.rate < 1 && draw() >= chance.rate) return false;
  if (chance.count) --*chance.count;
  return true;
}

void add_run_task_fault(FaultSettings& settings, const std::string& fault) {
  constexpr std::string_view kError = "error:";
  if (fault.empty()) return;
  if (fault == "capacity") {
    settings.capacity.rate = 1;
  } else if (fault == "throttle") {
    settings.errors.push_back({"RunTask", throttled().code(), throttled().what(), 400, 1, std::nullopt});
  } else if (fault.compare(0, kError.size(), kError) == 0 && fault.size() > kError.size()) {
    const std::string code = fault.substr(kError.size());
    settings.errors.push_back(
        {"RunTask", code, "Injected by --fault-run-task.", code == "ServerException" ? 500 : 400, 1, std::nullopt});
  } else {
    throw invalid(fmt::format("--fault-run-task: \"{}\" is not capacity, throttle or error:CODE", fault));
  }
}

}  // namespace sockerless::cloud
