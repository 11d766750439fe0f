#include "daemon/metrics.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/rollback.h"

namespace sockerless::daemon {
namespace {

constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

std::string head(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string gauge(std::string_view name, std::string_view help, std::size_t value) {
  return head(name, "gauge", help) + fmt::format("{} {}\n", name, value);
}

std::string calls_text(const aws::CallStatistics& calls) {
  std::string counts = head("sockerless_aws_calls_total", "counter", "Attempts of AWS calls by result.");
  std::string times = head("sockerless_aws_call_seconds_total", "counter", "Time that AWS took for them.");
  for (const auto& [key, row] : calls.rows()) {
    const std::string labels = fmt::format("{{operation=\"{}\",result=\"{}\"}}", key.first, key.second);
    counts += fmt::format("sockerless_aws_calls_total{} {}\n", labels, row.count);
    times += fmt::format("sockerless_aws_call_seconds_total{} {:.3f}\n", labels, row.seconds);
  }
  return counts + times;
}

std::string containers_text(const core::ContainerTable& table) {
  std::map<std::string_view, std::size_t> by_state{{"created", 0}, {"running", 0}, {"exited", 0}, {"removing", 0}};
  std::size_t launching = 0;
  std::size_t with_agent = 0;
  for (const core::EntryPointer& entry : table.all()) {
    const core::Container& container = entry->record;
    ++by_state[core::docker_status(container.state.status)];
    if (container.state.status == core::Status::starting) ++launching;
    if (container.state.is_running() && container.agent == core::AgentPresence::connected) ++with_agent;
  }
  std::string text = head("sockerless_containers", "gauge", "Containers by state.");
  for (const auto& [state, count] : by_state) {
    text += fmt::format("sockerless_containers{{state=\"{}\"}} {}\n", state, count);
  }
  return text + gauge("sockerless_launches", "Tasks asked for that do not run yet.", launching) +
         gauge("sockerless_agents", "Running containers that have shown an agent.", with_agent);
}

}  // namespace

void RequestTimes::add(double seconds) {
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    if (seconds <= kBounds[i]) ++at_most_[i];
  }
  ++count_;
  seconds_ += seconds;
}

std::string RequestTimes::text() const {
  constexpr std::string_view kName = "sockerless_request_seconds";
  std::string text = head(kName, "histogram", "Time from a Docker API request to the end of its answer.");
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    text += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kName, kBounds[i], at_most_[i]);
  }
  return text + fmt::format("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2:.3f}\n{0}_count {1}\n", kName, count_, seconds_);
}

std::string Metrics::text() const {
  return calls_text(sources_.calls) + containers_text(sources_.containers) +
         gauge("sockerless_cleanups", "Tasks to stop and definitions to deregister that are not done yet.",
               sources_.janitor.pending()) +
         request_times_.text();
}

http::Handler Metrics::handler() {
  return [this](http::Exchange& exchange) { return answer(exchange); };
}

Awaitable<void> Metrics::answer(http::Exchange& exchange) {
  if (exchange.target().path() == "/metrics") {
    exchange.reply_text(http::Status::ok, kContentType, text());
  } else {
    exchange.reply_text(http::Status::not_found, "text/plain", "the metrics are at /metrics\n");
  }
  co_return;
}

http::Handler Metrics::measured(http::Handler next) {
  // Handlers are copied; the one that is measured must outlive each of its requests.
  return [this, next = std::make_shared<http::Handler>(std::move(next))](http::Exchange& exchange) {
    return measure(*next, exchange);
  };
}

Awaitable<void> Metrics::measure(http::Handler& next, http::Exchange& exchange) {
  const auto begun = clock_.steady_now();
  Rollback measured([&] { request_times_.add(std::chrono::duration<double>(clock_.steady_now() - begun).count()); });
  co_await next(exchange);
}

}  // namespace sockerless::daemon
