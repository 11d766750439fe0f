#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "docker/api.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

constexpr int kMostOfOneDaemon = 500;  // requests; what they have made is then thrown away

// A client that has sent everything and reads nothing.
class FinishedClient final : public http::Connection {
 public:
  explicit FinishedClient(std::string bytes) : bytes_(std::move(bytes)) {}

  Awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    const std::size_t count = asio::buffer_copy(into, asio::buffer(bytes_));
    bytes_.erase(0, count);
    co_return count;
  }
  Awaitable<void> write(std::string_view, std::string_view) override { co_return; }
  std::size_t write_now(std::string_view bytes) override { return bytes.size(); }
  void shutdown_send() override {}
  void cancel() override {}
  void close() override {}
  bool is_hung_up() const override { return false; }

 private:
  std::string bytes_;
};

test::TestDaemon& daemon() {
  static std::unique_ptr<test::TestDaemon> current;
  static int requests = 0;
  if (!current || ++requests > kMostOfOneDaemon) {
    requests = 0;
    current = std::make_unique<test::TestDaemon>();
    current->create("web");
  }
  return *current;
}

Awaitable<void> handle(docker::Api& api, std::unique_ptr<http::Connection>& connection,
                       boost::beast::flat_buffer& buffer, http::Exchange::Parser& parser) {
  http::Exchange exchange(connection, buffer, parser);
  try {
    co_await api.handle(exchange);
  } catch (const Error&) {
    // A stream that has begun ends short.
  }
}

}  // namespace
}  // namespace sockerless

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  sockerless::configure_logging(sockerless::LogLevel::error, sockerless::LogFormat::text);
  return 0;
}

// The head of a request and what follows it, through parser, router, versions, filters and JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockerless;  // NOLINT: a harness is one function
  boost::beast::flat_buffer buffer;
  buffer.commit(asio::buffer_copy(buffer.prepare(size), asio::buffer(data, size)));
  http::Exchange::Parser parser;
  boost::system::error_code failure;
  const std::size_t used = parser.put(buffer.data(), failure);
  if (failure || !parser.is_header_done()) return 0;
  buffer.consume(used);
  test::TestDaemon& current = daemon();
  const std::string rest(static_cast<const char*>(buffer.data().data()), buffer.size());
  buffer.consume(buffer.size());
  std::unique_ptr<http::Connection> connection = std::make_unique<FinishedClient>(rest);
  asio::cancellation_signal leaves;
  bool is_done = false;
  asio::co_spawn(current.loop, handle(current.api(), connection, buffer, parser),
                 asio::bind_cancellation_slot(leaves.slot(), [&](std::exception_ptr) { is_done = true; }));
  current.loop.restart();
  current.loop.poll();
  // What waits for something to happen waits in vain: the client leaves.
  while (!is_done) {
    leaves.emit(asio::cancellation_type::terminal);
    current.loop.restart();
    if (current.loop.poll() == 0 && !is_done) {
      current.clock.advance(std::chrono::minutes(2));
    }
  }
  return 0;
}
