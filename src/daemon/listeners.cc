#include "daemon/listeners.h"

namespace sockerless::daemon {
namespace {

constexpr std::string_view kConnectPath = "/internal/v1/agent/connect";

Awaitable<void> answer(agent::Hub& hub, http::Exchange& exchange) {
  if (exchange.method() == "GET" && exchange.target().path() == kConnectPath) {
    co_await hub.accept(exchange);
  } else {
    exchange.reply_text(http::Status::not_found, "text/plain", "page not found\n");
  }
}

}  // namespace

http::Handler callback_handler(agent::Hub& hub) {
  return [&hub](http::Exchange& exchange) { return answer(hub, exchange); };
}

}  // namespace sockerless::daemon
