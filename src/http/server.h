#pragma once

#include <boost/asio/cancellation_signal.hpp>

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "base/task_group.h"
#include "http/exchange.h"
#include "http/listener.h"

namespace sockerless::http {

struct ServerLimits {
  std::size_t head_bytes = 1024 * 1024;
  Clock::Duration head_time = std::chrono::seconds(60);  // from a request's first byte
  Clock::Duration idle_time = std::chrono::minutes(10);  // between two requests
  // What is still read of a request that has been refused: a connection closed over unread bytes is
  // reset, and the client's system may drop the reply with it.
  std::size_t linger_bytes = 256 * 1024 * 1024;
  Clock::Duration linger_time = std::chrono::seconds(10);
};

// Serves HTTP/1.1 on any number of listeners; one coroutine a connection, requests of one
// connection one after the other. When a client leaves while its request is being handled, the
// handler is cancelled.
class Server {
 public:
  Server(Executor executor, Clock& clock, Handler handler, ServerLimits limits = {});

  void serve(std::unique_ptr<Listener> listener);

  // Accepts nothing more, waits until running requests have ended, `grace` at most, then cancels.
  Awaitable<void> stop(Clock::Duration grace);

  std::size_t connections() const { return connections_.size(); }

 private:
  // What the sweeper looks at: since when a connection has been waiting, and what for.
  struct Client {
    std::unique_ptr<Connection> connection;
    std::chrono::steady_clock::time_point waiting_since;
    enum class Waiting { no, for_request, for_rest_of_head, for_leave } waiting = Waiting::no;
    bool timed_out = false;
    asio::cancellation_signal left;  // ends what is done for a client that is gone
  };

  Awaitable<void> accept_from(std::shared_ptr<Listener> listener);
  Awaitable<void> serve_connection(std::list<Client>::iterator client);
  Awaitable<void> serve_requests(Client& client);
  Awaitable<bool> read_head(Client& client, boost::beast::flat_buffer& buffer, Exchange::Parser& parser);
  Awaitable<bool> handle(Client& client, boost::beast::flat_buffer& buffer, Exchange::Parser& parser);
  Awaitable<void> linger(Client& client);
  Awaitable<void> run_handler(Client& client, Exchange& exchange);
  void watch(Client& client, Exchange& exchange);
  Clock::Duration limit_of(Client::Waiting waiting) const;
  Awaitable<void> sweep();

  Clock& clock_;
  Handler handler_;
  ServerLimits limits_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::list<Client> connections_;
  std::size_t busy_ = 0;
  Event became_idle_;
  bool stopping_ = false;
  TaskGroup tasks_;
};

}  // namespace sockerless::http
