#include "cloud/admin/admin.h"

#include <fmt/format.h>

#include "base/log.h"

namespace sockerless::cloud {
namespace {

const Logger log("admin");

constexpr std::size_t kBodyLimit = 1024 * 1024;

struct Failure {
  std::string message;

  static constexpr auto fields() { return std::tuple{json::field("message", &Failure::message)}; }
};

struct TaskView {
  std::string id;
  std::string arn;
  std::string family;
  std::string last_status;
  std::string capacity_provider;
  bool is_partitioned = false;

  static constexpr auto fields() {
    using V = TaskView;
    return std::tuple{json::field("id", &V::id),
                      json::field("taskArn", &V::arn),
                      json::field("family", &V::family),
                      json::field("lastStatus", &V::last_status),
                      json::field("capacityProviderName", &V::capacity_provider),
                      json::field("partitioned", &V::is_partitioned)};
  }
};

struct TaskViews {
  std::vector<TaskView> tasks;

  static constexpr auto fields() { return std::tuple{json::field("tasks", &TaskViews::tasks)}; }
};

struct ClockView {
  std::string now;
  std::int64_t ahead_ms = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("now", &ClockView::now), json::field("aheadMs", &ClockView::ahead_ms)};
  }
};

struct ClockChange {
  std::int64_t advance_ms = 0;

  static constexpr auto fields() { return std::tuple{json::field("advanceMs", &ClockChange::advance_ms)}; }
};

http::Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return http::Status::bad_request;
    case ErrorKind::not_found: return http::Status::not_found;
    case ErrorKind::conflict: return http::Status::conflict;
    case ErrorKind::too_large: return http::Status::payload_too_large;
    default: return http::Status::internal_server_error;
  }
}

TaskView view_of(const TaskRun& run) {
  const ecs::Task& task = run.task();
  return {run.id(), task.arn, run.family(), task.last_status, task.capacity_provider_name, run.is_partitioned()};
}

ClockView view_of(const CloudClock& clock) {
  return {format_rfc3339_nano(clock.now()),
          std::chrono::duration_cast<std::chrono::milliseconds>(clock.ahead()).count()};
}

// By its id or its ARN's end.
std::shared_ptr<TaskRun> get_task(Tasks& tasks, const std::string& id) {
  for (const auto& [key, task] : tasks.all()) {
    if (task->id() == id) return task;
  }
  throw Error(ErrorKind::not_found, fmt::format("no task has the id {}", id));
}

// `?lastStatus=` narrows: those that have stopped are kept for an hour, and are by far the most.
void show_tasks(Tasks& tasks, http::Exchange& exchange) {
  const auto status = exchange.query("lastStatus");
  const bool is_for_all = !status || *status == "STOPPED";
  const auto& all = tasks.all();
  TaskViews views;
  for (const auto& [key, task] : is_for_all ? all : tasks.living()) {
    if (!status || task->task().last_status == *status) views.tasks.push_back(view_of(*task));
  }
  exchange.reply_json(http::Status::ok, views);
}

Awaitable<void> interrupt(std::shared_ptr<TaskRun> task) {
  if (task->task().capacity_provider_name != "FARGATE_SPOT") {
    throw Error(
        ErrorKind::conflict,
        fmt::format("task {} does not run on Spot: run it with the capacity provider FARGATE_SPOT", task->id()));
  }
  task->stop("SpotInterruption", "Your Spot Task was interrupted.");
  co_return;
}

Awaitable<void> kill_agent(std::shared_ptr<TaskRun> task) {
  if (co_await task->kill_processes("sockerless-agent") == 0) {
    throw Error(ErrorKind::conflict, fmt::format("no sockerless-agent runs in task {}", task->id()));
  }
}

Awaitable<void> partition(std::shared_ptr<TaskRun> task) { co_await task->set_connected(false); }

Awaitable<void> heal(std::shared_ptr<TaskRun> task) { co_await task->set_connected(true); }

using TaskAction = Awaitable<void> (*)(std::shared_ptr<TaskRun>);

Awaitable<void> act(Tasks& tasks, TaskAction action, http::Exchange& exchange) {
  const auto task = get_task(tasks, exchange.param("id"));
  if (task->has_stopped()) throw Error(ErrorKind::conflict, fmt::format("task {} has stopped", task->id()));
  co_await action(task);
  exchange.reply_json(http::Status::ok, view_of(*task));
}

Awaitable<void> change_faults(Faults& faults, http::Exchange& exchange) {
  faults.change(json::parse_value(co_await exchange.read_body(kBodyLimit)));
  log.info("faults changed", {{"faults", json::to_text(faults.settings())}});
  exchange.reply_json(http::Status::ok, faults.settings());
}

Awaitable<void> advance(CloudClock& clock, http::Exchange& exchange) {
  const auto change = json::parse<ClockChange>(co_await exchange.read_body(kBodyLimit));
  if (change.advance_ms <= 0) throw Error(ErrorKind::invalid_argument, "advanceMs must be more than 0");
  clock.advance(std::chrono::milliseconds(change.advance_ms));
  exchange.reply_json(http::Status::ok, view_of(clock));
}

// A handler that answers at once.
template <typename Answer>
http::Handler at_once(Answer answer) {
  return [answer](http::Exchange& exchange) -> Awaitable<void> {
    const auto run = [](Answer call, http::Exchange& asked) -> Awaitable<void> {
      call(asked);
      co_return;
    };
    return run(answer, exchange);
  };
}

}  // namespace

Admin::Admin(Faults& faults, CloudClock& clock, Tasks& tasks) {
  add_fault_routes(faults);
  add_clock_routes(clock);
  add_task_routes(tasks);
}

void Admin::check_address(const std::string& host) {
  if (host == "localhost" || host == "::1" || host.compare(0, 4, "127.") == 0) return;
  throw Error(ErrorKind::invalid_argument,
              fmt::format("--admin: {} is not on the loopback interface; whoever reaches this address can stop every "
                          "task: give 127.0.0.1:PORT",
                          host));
}

void Admin::add_fault_routes(Faults& faults) {
  router_.get("/v1/faults", at_once([&faults](http::Exchange& exchange) {
                exchange.reply_json(http::Status::ok, faults.settings());
              }));
  router_.add("PATCH", "/v1/faults", [&faults](http::Exchange& exchange) { return change_faults(faults, exchange); });
  router_.del("/v1/faults", at_once([&faults](http::Exchange& exchange) {
                faults.reset();
                exchange.reply_json(http::Status::ok, faults.settings());
              }));
}

void Admin::add_clock_routes(CloudClock& clock) {
  router_.get("/v1/clock",
              at_once([&clock](http::Exchange& exchange) { exchange.reply_json(http::Status::ok, view_of(clock)); }));
  router_.post("/v1/clock", [&clock](http::Exchange& exchange) { return advance(clock, exchange); });
}

void Admin::add_task_routes(Tasks& tasks) {
  const auto bind = [&tasks](TaskAction action) {
    return [&tasks, action](http::Exchange& exchange) { return act(tasks, action, exchange); };
  };
  router_.get("/v1/tasks", at_once([&tasks](http::Exchange& exchange) { show_tasks(tasks, exchange); }));
  router_.get("/v1/tasks/{id}", at_once([&tasks](http::Exchange& exchange) {
                exchange.reply_json(http::Status::ok, view_of(*get_task(tasks, exchange.param("id"))));
              }));
  router_.post("/v1/tasks/{id}/interrupt", bind(interrupt));
  router_.post("/v1/tasks/{id}/kill-agent", bind(kill_agent));
  router_.post("/v1/tasks/{id}/partition", bind(partition));
  router_.del("/v1/tasks/{id}/partition", bind(heal));
}

Awaitable<void> Admin::handle(http::Exchange& exchange) {
  try {
    auto match = router_.match(exchange.method(), exchange.target().path());
    if (!match) throw Error(ErrorKind::not_found, "no such page; docs/local-cloud.md lists what there is");
    exchange.set_params(std::move(match->params));
    co_await (*match->handler)(exchange);
  } catch (const Error& error) {
    exchange.reply_json(status_of(error.kind()), Failure{error.what()});
  }
}

}  // namespace sockerless::cloud
