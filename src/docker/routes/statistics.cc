#include "core/statistics.h"

#include "docker/api.h"
#include "docker/types/statistics_view.h"

namespace sockerless::docker {
namespace {

constexpr auto kPause = std::chrono::seconds(1);
constexpr ApiVersion kOneShot{1, 41};

Awaitable<void> top(ApiServices& services, http::Exchange& exchange) {
  const std::string arguments = exchange.query("ps_args").value_or("");
  core::ProcessList list = co_await services.statistics.top(exchange.param("name"), arguments);
  exchange.reply_json(http::Status::ok, TopView{std::move(list.titles), std::move(list.processes)});
}

// Successive looks at one container, each with the CPU numbers of the one before.
class Looks {
 public:
  Looks(ApiServices& services, std::string id) : services_(services), id_(std::move(id)) {}

  Awaitable<StatisticsView> next() {
    const auto sample = co_await services_.statistics.sample(id_);
    StatisticsView view = statistics_view(services_.containers.get(id_), sample);
    if (last_) {
      view.previous_cpu = last_->cpu;
      view.previous_read = last_->read;
    }
    last_ = view;
    co_return view;
  }

 private:
  ApiServices& services_;
  std::string id_;
  std::optional<StatisticsView> last_;
};

bool is_gone(const Error& error) { return error.kind() == ErrorKind::not_found; }

Awaitable<void> stream_statistics(ApiServices& services, http::Exchange& exchange, std::string id) {
  Looks looks(services, std::move(id));
  StatisticsView view = co_await looks.next();
  auto stream = co_await exchange.start_stream(http::Status::ok, "application/json");
  for (;;) {
    co_await stream.write(json::to_text(view) + "\n");
    co_await services.clock.sleep(kPause);
    try {
      view = co_await looks.next();
    } catch (const Error& error) {
      if (!is_gone(error)) throw;
      break;
    }
  }
  co_await stream.finish();
}

Awaitable<void> statistics(ApiServices& services, http::Exchange& exchange) {
  const bool is_stream = !exchange.query("stream") || is_set(exchange, "stream");
  const bool is_one_shot = version_of(exchange) >= kOneShot && is_set(exchange, "one-shot");
  if (is_stream && is_one_shot) {
    throw Error(ErrorKind::invalid_argument, "cannot have stream=true and one-shot=true");
  }
  const core::Container container = services.containers.get(exchange.param("name"));
  if (is_stream) {
    co_await stream_statistics(services, exchange, container.id);
    co_return;
  }
  Looks looks(services, container.id);
  StatisticsView view = co_await looks.next();
  if (!is_one_shot && container.state.is_running()) {
    co_await services.clock.sleep(kPause);
    view = co_await looks.next();
  }
  exchange.reply_json(http::Status::ok, view);
}

}  // namespace

void add_statistics_routes(http::Router& router, ApiServices& services) {
  router.get("/containers/{name}/top", [&services](http::Exchange& exchange) { return top(services, exchange); });
  router.get("/containers/{name}/stats",
             [&services](http::Exchange& exchange) { return statistics(services, exchange); });
}

}  // namespace sockerless::docker
