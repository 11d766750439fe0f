#include <charconv>

#include "docker/api.h"
#include "docker/stdcopy.h"
#include "docker/stream_time.h"

namespace sockerless::docker {
namespace {

constexpr ApiVersion kMultiplexedType{1, 42};
constexpr std::size_t kWriteSize = 32 * 1024;

// Everything that is no number from 0 up means all (testcontainers sends -1, the CLI "all").
std::optional<int> parse_tail(const std::string& text) {
  int lines = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), lines);
  if (ec != std::errc{} || end != text.data() + text.size() || lines < 0) return std::nullopt;
  return lines;
}

std::string line_text(const core::LogEvent& line, bool timestamps, bool tty) {
  std::string text = timestamps ? format_log_time(line.time) + " " : "";
  text += line.message;
  text += "\n";
  // CloudWatch does not say which stream a line came from: all of them are stdout's.
  return tty ? text : stdcopy_frame(1, text);
}

Awaitable<void> logs(ApiServices& services, http::Exchange& exchange) {
  const core::Container container = services.containers.get(exchange.param("name"));
  const bool standard_out = is_set(exchange, "stdout");
  if (!standard_out && !is_set(exchange, "stderr")) {
    throw Error(ErrorKind::invalid_argument, "must specify at least one of 'stdout' or 'stderr'");
  }
  core::LogOptions options;
  options.follow = is_set(exchange, "follow");
  options.tail = parse_tail(exchange.query("tail").value_or("all"));
  options.since = parse_stream_time("since", exchange.query("since").value_or(""));
  options.until = parse_stream_time("until", exchange.query("until").value_or(""));
  const bool timestamps = is_set(exchange, "timestamps");
  const bool tty = container.config.tty;
  const auto reader = services.containers.logs(container.id, options);

  const bool multiplexed = !tty && version_of(exchange) >= kMultiplexedType;
  auto stream =
      co_await exchange.start_stream(http::Status::ok, multiplexed ? "application/vnd.docker.multiplexed-stream"
                                                                   : "application/vnd.docker.raw-stream");
  std::string waiting;
  while (auto line = co_await reader->next()) {
    if (!standard_out) continue;
    waiting += line_text(*line, timestamps, tty);
    // What is there is sent together; what the reader must wait for holds nothing back.
    if (reader->has_ready() && waiting.size() < kWriteSize) continue;
    co_await stream.write(std::exchange(waiting, {}));
  }
  co_await stream.finish();
}

}  // namespace

void add_log_routes(http::Router& router, ApiServices& services) {
  router.get("/containers/{name}/logs", [&services](http::Exchange& exchange) { return logs(services, exchange); });
}

}  // namespace sockerless::docker
