#include "publish/publisher.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/event.h"
#include "base/log.h"

namespace sockerless::publish {
namespace {

const Logger log("publish");

using Tcp = asio::ip::tcp;

constexpr std::size_t kPiece = 64 * 1024;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr int kTries = 10;  // for a free port that both protocol versions have

Error taken(const core::Container& container, const PortRequest& request, const std::string& why) {
  const std::string address =
      fmt::format("{}:{}", request.host_ip.empty() ? "0.0.0.0" : request.host_ip,
                  request.first == request.last ? std::to_string(request.first)
                                                : fmt::format("{}-{}", request.first, request.last));
  return {ErrorKind::internal,
          fmt::format("failed to set up container networking: driver failed programming external connectivity on "
                      "endpoint {} ({}): {}",
                      container.name, container.id, fmt::format(fmt::runtime(why), address))};
}

// As Go's texts of system errors begin.
std::string lower_first(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

// The client's bytes into the task. Its end is passed on; the other direction goes on.
Awaitable<void> carry_in(std::shared_ptr<Tcp::socket> client, std::shared_ptr<core::AttachSession> session) {
  std::string buffer(kPiece, '\0');
  for (;;) {
    boost::system::error_code error;
    const std::size_t count =
        co_await client->async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    co_await session->write(buffer.substr(0, count));
  }
  session->close_stdin();
}

Awaitable<void> carry_out(std::shared_ptr<Tcp::socket> client, std::shared_ptr<core::AttachSession> session) {
  while (auto part = co_await session->read()) {
    co_await asio::async_write(*client, asio::buffer(part->bytes), asio::use_awaitable);
  }
  boost::system::error_code ignored;
  client->shutdown(Tcp::socket::shutdown_send, ignored);
}

// The client sees a reset instead of a connection that ended in order.
void reset(Tcp::socket& client) {
  boost::system::error_code ignored;
  client.set_option(asio::socket_base::linger(true, 0), ignored);
  client.close(ignored);
}

}  // namespace

Publisher::Publisher(Executor executor, const core::ContainerTable& containers,
                     const core::DriverChain<core::NetworkDriver>& drivers)
    : executor_(executor), containers_(containers), drivers_(drivers), ended_(executor) {}

Publisher::~Publisher() = default;

core::PublishedPorts Publisher::open(const core::Container& container) {
  core::PublishedPorts ports;
  Opened opened{.acceptors = {}, .connections = std::make_unique<TaskGroup>(executor_)};
  std::vector<std::pair<std::shared_ptr<Acceptor>, int>> listening;
  for (const PortRequest& request : port_requests(container)) {
    for (auto& acceptor : listen(container, request)) {
      const Tcp::endpoint bound = acceptor->local_endpoint();
      ports[request.container_port].push_back({bound.address().to_string(), std::to_string(bound.port())});
      listening.emplace_back(std::move(acceptor), request.number);
    }
  }
  if (listening.empty()) return ports;
  for (auto& [acceptor, number] : listening) serve(container, opened, acceptor, number);
  opened_[container.id] = std::move(opened);
  return ports;
}

void Publisher::reopen(const core::Container& container) {
  core::Container as_recorded = container;
  as_recorded.host_config.publish_all_ports = false;
  as_recorded.host_config.port_bindings = container.published;
  try {
    open(as_recorded);
  } catch (const Error& error) {
    log.error("published ports of a running container cannot be served",
              {{"container", container.short_id()}, {"error", error.what()}});
  }
}

// By one of our own containers.
bool Publisher::is_published(int port) const {
  return std::any_of(opened_.begin(), opened_.end(), [port](const auto& item) {
    const auto& acceptors = item.second.acceptors;
    return std::any_of(acceptors.begin(), acceptors.end(),
                       [port](const auto& acceptor) { return acceptor->local_endpoint().port() == port; });
  });
}

std::vector<std::shared_ptr<Publisher::Acceptor>> Publisher::listen(const core::Container& container,
                                                                    const PortRequest& request) {
  std::string why;
  const int tries = request.first == 0 ? kTries : request.last - request.first + 1;
  for (int attempt = 0; attempt < tries; ++attempt) {
    try {
      return listen_on(request.host_ip, request.first == 0 ? 0 : request.first + attempt);
    } catch (const boost::system::system_error& error) {
      why = is_published(request.first + attempt)
                ? "Bind for {} failed: port is already allocated"
                : "failed to bind host port {}/tcp: " + lower_first(error.code().message());
    }
  }
  throw taken(container, request, why);
}

// Without an address, on all of both protocol versions, on the same port.
std::vector<std::shared_ptr<Publisher::Acceptor>> Publisher::listen_on(const std::string& host_ip, int port) {
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  const auto add = [&](const asio::ip::address& address, int number) {
    auto acceptor = std::make_shared<Acceptor>(executor_);
    const Tcp::endpoint endpoint(address, static_cast<unsigned short>(number));
    acceptor->open(endpoint.protocol());
    acceptor->set_option(asio::socket_base::reuse_address(true));
    if (address.is_v6()) acceptor->set_option(asio::ip::v6_only(true));
    acceptor->bind(endpoint);
    acceptor->listen();
    acceptors.push_back(std::move(acceptor));
  };
  if (!host_ip.empty()) {
    add(asio::ip::make_address(host_ip), port);
    return acceptors;
  }
  add(asio::ip::address_v4::any(), port);
  try {
    add(asio::ip::address_v6::any(), acceptors.front()->local_endpoint().port());
  } catch (const boost::system::system_error& error) {
    // A host without that version publishes on the other.
    if (error.code() == asio::error::address_in_use) throw;
  }
  return acceptors;
}

void Publisher::serve(const core::Container& container, Opened& opened, std::shared_ptr<Acceptor> acceptor, int port) {
  opened.acceptors.push_back(acceptor);
  opened.connections->spawn("published port", accept(container.id, std::move(acceptor), port));
}

void Publisher::close(const std::string& container_id) {
  auto found = opened_.extract(container_id);
  if (!found) return;
  boost::system::error_code ignored;
  for (const auto& acceptor : found.mapped().acceptors) acceptor->close(ignored);
  const auto cut_off = [](std::unique_ptr<TaskGroup> connections) -> Awaitable<void> { co_await connections->join(); };
  ended_.spawn("cut off connections", cut_off(std::move(found.mapped().connections)));
}

Awaitable<void> Publisher::shut_down() {
  while (!opened_.empty()) close(std::string(opened_.begin()->first));
  // They end by themselves, now that they are cancelled.
  while (ended_.size() > 0) co_await asio::post(executor_, asio::use_awaitable);
  co_await ended_.join();
}

Awaitable<void> Publisher::accept(std::string container_id, std::shared_ptr<Acceptor> acceptor, int port) {
  for (;;) {
    boost::system::error_code error;
    auto client = std::make_shared<Socket>(executor_);
    co_await acceptor->async_accept(*client, asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted || !acceptor->is_open()) co_return;
    if (error) {
      // Out of descriptors, as a rule: connections that end free some.
      log.warn("a connection to a published port was not taken", {{"error", error.message()}});
      asio::steady_timer pause(executor_, kPause);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    const auto found = opened_.find(container_id);
    if (found == opened_.end()) co_return;
    client->set_option(Tcp::no_delay(true));
    found->second.connections->spawn("connection to a published port", carry(container_id, client, port));
  }
}

Awaitable<void> Publisher::carry(std::string container_id, std::shared_ptr<Socket> client, int port) {
  std::shared_ptr<core::AttachSession> session;
  try {
    const core::EntryPointer entry = containers_.find(container_id);
    if (!entry) co_return reset(*client);
    session = co_await drivers_.pick(entry->record).dial(entry->record, static_cast<std::uint16_t>(port));
  } catch (const Error& error) {
    log.debug("a published port was not reached", {{"container", container_id}, {"error", error.what()}});
  }
  if (!session) co_return reset(*client);
  Event in_ended;
  asio::cancellation_signal stop_in;
  asio::co_spawn(executor_, carry_in(client, session),
                 asio::bind_cancellation_slot(stop_in.slot(), [&](std::exception_ptr) { in_ended.set(); }));
  bool is_cut_off = false;
  try {
    co_await carry_out(client, session);
    co_await in_ended.wait();
  } catch (const std::exception&) {
    // The client or the agent is gone, or the container has ended.
    is_cut_off = true;
  }
  if (!is_cut_off) co_return;
  reset(*client);
  stop_in.emit(asio::cancellation_type::all);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await in_ended.wait();
}

}  // namespace sockerless::publish
