#include "agent/hub/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "agent/hub/control_session.h"
#include "agent/hub/forward.h"
#include "agent/hub/stream_state.h"
#include "agent/protocol/backoff.h"
#include "agent/protocol/handshake.h"
#include "base/error.h"
#include "base/id.h"
#include "base/log.h"

namespace sockerless::agent {

namespace {

using namespace std::chrono_literals;

const Logger log("agent");

constexpr auto kAgentLimit = 30s;
constexpr int kFirstPause = 50;             // ms: a task that has just begun to run answers soon
constexpr int kLongestPauseOfLaunch = 250;  // ms

// A connection that the task's network has swallowed is given up before TCP asks for the second time.
constexpr Clock::Duration kAttemptOfLaunch = 1s;
constexpr Clock::Duration kAttempt = 10s;

std::uint64_t jitter() { return std::hash<std::string>{}(random_hex(8)); }

// Whether a session whose beginning was not seen may be begun once more: what runs or changes
// something must not happen twice.
bool is_repeatable(SessionKind kind) {
  return kind != SessionKind::exec && kind != SessionKind::archive_put && kind != SessionKind::dial;
}

Error lost(const std::string& reason) { return {ErrorKind::unavailable, reason}; }

Error no_agent(const std::string& container_id) {
  return {ErrorKind::unavailable, fmt::format("the agent of container {} is not connected", container_id)};
}

}  // namespace

struct Hub::Entry {
  Expected expected;
  std::shared_ptr<Peer> peer;
  bool is_connected = false;  // the peer has said hello
  bool is_released = false;
  bool has_exited = false;  // as reported on the current connection
  bool is_exit_acknowledged = false;
  bool is_forgotten = false;
  int dial_generation = 0;
  std::string dialled;  // HOST:PORT
  TaskPhase phase = TaskPhase::running;
  Event changed;  // pulsed when any of this changes
};

Hub::Hub(Executor executor, Clock& clock, Listener& listener)
    : clock_(clock), listener_(listener), tasks_(std::move(executor)) {}

Hub::~Hub() {
  for (const auto& [id, entry] : entries_) drop_peer(entry, CloseCode::going_away);
}

void Hub::expect(Expected expected) {
  if (const auto entry = find(expected.container_id)) {
    if (entry->expected.launch_id == expected.launch_id) {
      entry->expected.token = std::move(expected.token);
      return;
    }
    forget(expected.container_id);
  }
  auto entry = std::make_shared<Entry>();
  const std::string container_id = expected.container_id;
  entry->expected = std::move(expected);
  entries_[container_id] = std::move(entry);
}

void Hub::forget(const std::string& container_id) {
  if (const auto entry = find(container_id)) remove(entry, CloseCode::normal);
}

void Hub::remove(const EntryPointer& entry, CloseCode code) {
  entries_.erase(entry->expected.container_id);
  entry->is_forgotten = true;
  ++entry->dial_generation;
  drop_peer(entry, code);
  entry->changed.pulse();
}

bool Hub::connected(const std::string& container_id) const {
  const auto entry = find(container_id);
  return entry && entry->is_connected;
}

void Hub::release(const std::string& container_id) {
  const auto entry = find(container_id);
  if (!entry) return;
  entry->is_released = true;
  if (entry->is_connected) entry->peer->send(Go{});
}

void Hub::acknowledge_exit(const std::string& container_id) {
  const auto entry = find(container_id);
  if (!entry) return;
  entry->is_exit_acknowledged = true;
  if (entry->is_connected && entry->has_exited) entry->peer->send(Ack{.report = FrameType::exited});
  entry->changed.pulse();
}

Awaitable<void> Hub::stop() {
  while (!entries_.empty()) {
    const EntryPointer entry = entries_.begin()->second;
    remove(entry, CloseCode::going_away);
  }
  co_await tasks_.join();
}

Hub::EntryPointer Hub::find(const std::string& container_id) const {
  const auto found = entries_.find(container_id);
  return found == entries_.end() ? nullptr : found->second;
}

Hub::EntryPointer Hub::entry_of(const Peer& peer) const {
  for (const auto& [id, entry] : entries_) {
    if (entry->peer.get() == &peer) return entry;
  }
  return nullptr;
}

void Hub::drop_peer(const EntryPointer& entry, CloseCode code) {
  const auto peer = std::exchange(entry->peer, nullptr);
  entry->is_connected = false;
  entry->has_exited = false;
  if (peer) peer->drop(code, "the agent of the container was dropped");
}

void Hub::adopt(const EntryPointer& entry, std::unique_ptr<http::Connection> connection, Role role) {
  drop_peer(entry, CloseCode::going_away);
  entry->peer = std::make_shared<Peer>(clock_, std::move(connection), role, *this);
  entry->peer->start(tasks_);
}

Awaitable<void> Hub::accept(http::Exchange& exchange) {
  const std::string container_id(exchange.header(kContainerHeader));
  const std::string launch_id(exchange.header(kLaunchHeader));
  const std::string key(exchange.header("Sec-WebSocket-Key"));
  HttpHead head{.first = std::string(exchange.method()), .second = {}, .third = {}, .headers = {}};
  for (const char* name : {"Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Authorization"}) {
    head.headers.emplace_back(name, exchange.header(name));
  }
  const auto refuse = [&](http::Status status, std::string_view why) {
    log.info("agent refused", {{"container", container_id}, {"why", why}});
    exchange.reply_text(status, "text/plain; charset=utf-8", std::string(why) + "\n");
  };
  auto entry = find(container_id);
  if (!entry) {
    refuse(http::Status::not_found, "no such container");
    co_return;
  }
  if (!is_same_secret(bearer_token(head), entry->expected.token.reveal())) {
    refuse(http::Status::unauthorized, "the token is wrong or missing");
    co_return;
  }
  if (entry->expected.launch_id != launch_id) {
    refuse(http::Status::not_found, "not the current launch of the container");
    co_return;
  }
  if (!is_upgrade_request(head)) {
    refuse(http::Status::bad_request, "a WebSocket upgrade is expected");
    co_return;
  }
  auto connection = co_await exchange.take_over(upgrade_response(key));
  entry = find(container_id);
  if (!entry || entry->expected.launch_id != launch_id) co_return;
  adopt(entry, std::move(connection), Role::server);
}

void Hub::dial(const std::string& container_id, std::string host, int port, TaskPhase phase) {
  const auto entry = find(container_id);
  const std::string address = fmt::format("{}:{}", host, port);
  if (!entry) return;
  const bool is_dialled = entry->dialled == address && (entry->phase == phase || entry->peer);
  entry->phase = phase;
  if (is_dialled) return;
  entry->dialled = address;
  const int generation = ++entry->dial_generation;
  entry->changed.pulse();
  tasks_.spawn("agent dialler", keep_dialled(entry, std::move(host), port, generation));
}

Awaitable<void> Hub::keep_dialled(EntryPointer entry, std::string host, int port, int generation) {
  Backoff backoff(kFirstPause);
  const Expected& expected = entry->expected;
  const auto is_wanted = [&] { return entry->dial_generation == generation && !entry->is_exit_acknowledged; };
  while (is_wanted()) {
    const bool is_launching = entry->phase == TaskPhase::launching;
    try {
      auto connection = co_await connect_to_agent(clock_, host, port,
                                                  {.host = {},
                                                   .key = {},
                                                   .token = expected.token.reveal(),
                                                   .container_id = expected.container_id,
                                                   .launch_id = expected.launch_id},
                                                  is_launching ? kAttemptOfLaunch : kAttempt);
      if (is_wanted()) adopt(entry, std::move(connection), Role::client);
    } catch (const Error& error) {
      log.debug("agent not reached", {{"container", expected.container_id}, {"error", error.what()}});
    }
    while (is_wanted() && entry->peer) {
      if (entry->is_connected) backoff.reset();
      co_await entry->changed.wait();
    }
    if (!is_wanted()) break;
    const int pause = backoff.next(jitter());
    const int longest = is_launching ? kLongestPauseOfLaunch : Backoff::kLongest;
    co_await entry->changed.wait_for(clock_, std::chrono::milliseconds(std::min(pause, longest)));
  }
}

void Hub::frame_received(Peer& peer, const Frame& frame) {
  const auto entry = entry_of(peer);
  if (!entry) return;
  if (const auto* hello = std::get_if<Hello>(&frame)) {
    hello_received(entry, *hello);
  } else if (!entry->is_connected || !report_received(entry, frame)) {
    peer.refuse("protocol error: frame out of place");
  }
}

void Hub::hello_received(const EntryPointer& entry, const Hello& hello) {
  const Expected& expected = entry->expected;
  const auto peer = entry->peer;
  if (entry->is_connected || hello.container_id != expected.container_id || hello.launch_id != expected.launch_id) {
    peer->refuse("protocol error: hello of another container or launch");
    return;
  }
  const std::uint16_t protocol = std::min(hello.protocol, kProtocolVersion);
  if (protocol < kOldestProtocolVersion || protocol < hello.oldest_protocol) {
    log.error("the agent's protocol version is not supported",
              {{"container", expected.container_id}, {"agent", hello.version}, {"protocol", hello.protocol}});
    peer->refuse("protocol version is not supported");
    return;
  }
  peer->send(Welcome{.protocol = protocol, .version = SOCKERLESS_VERSION});
  if (entry->is_released) peer->send(Go{});
  entry->is_connected = true;
  log.debug("agent connected", {{"container", expected.container_id}, {"version", hello.version}});
  entry->changed.pulse();
  listener_.agent_connected(expected.container_id, expected.launch_id, hello);
}

// False if the agent may not send such a frame.
bool Hub::report_received(const EntryPointer& entry, const Frame& frame) {
  const std::string container_id = entry->expected.container_id;
  const std::string launch_id = entry->expected.launch_id;
  const auto peer = entry->peer;
  if (const auto* started = std::get_if<Started>(&frame)) {
    peer->send(Ack{.report = FrameType::started});
    listener_.agent_started(container_id, launch_id, started->pid);
    return true;
  }
  if (const auto* failed = std::get_if<StartFailed>(&frame)) {
    // Acknowledged behind the call, so that the agent stays until somebody knows.
    listener_.agent_start_failed(container_id, launch_id, static_cast<int>(failed->error_number),
                                 std::string(failed->text));
    peer->send(Ack{.report = FrameType::start_failed});
    return true;
  }
  const auto* exited = std::get_if<Exited>(&frame);
  if (exited == nullptr) return false;
  entry->has_exited = true;
  if (entry->is_exit_acknowledged) {
    peer->send(Ack{.report = FrameType::exited});
    return true;
  }
  std::optional<long> events;
  if (exited->log_events) events = static_cast<long>(*exited->log_events);
  listener_.agent_exited(container_id, launch_id, exited->code, events);
  return true;
}

void Hub::peer_lost(Peer& peer, const std::string& reason) {
  const auto entry = entry_of(peer);
  if (!entry) return;
  const bool was_connected = entry->is_connected;
  entry->peer = nullptr;
  entry->is_connected = false;
  entry->has_exited = false;
  entry->changed.pulse();
  log.debug("agent lost", {{"container", entry->expected.container_id}, {"why", reason}});
  if (was_connected && !entry->is_exit_acknowledged) {
    listener_.agent_lost(entry->expected.container_id, entry->expected.launch_id);
  }
}

Awaitable<std::shared_ptr<Peer>> Hub::connected_peer(std::string container_id, Clock::Duration limit) {
  const auto deadline = clock_.steady_now() + limit;
  const auto entry = find(container_id);
  if (!entry) throw no_agent(container_id);
  while (!entry->is_connected) {
    const auto left = deadline - clock_.steady_now();
    if (left <= Clock::Duration::zero()) {
      throw lost(fmt::format("the agent of container {} did not connect within 30 s", container_id));
    }
    co_await entry->changed.wait_for(clock_, left);
    if (entry->is_forgotten) throw no_agent(container_id);
  }
  co_return entry->peer;
}

Awaitable<std::unique_ptr<StreamSession>> Hub::open(std::string container_id, StreamRequest request) {
  const auto deadline = clock_.steady_now() + kAgentLimit;
  for (;;) {
    const auto peer = co_await connected_peer(container_id, deadline - clock_.steady_now());
    const auto state = StreamSession::State::open(peer, request);
    // Owns the session from here on, so that a cancelled wait ends it.
    auto session = std::make_unique<StreamSession>(state);
    while (!state->is_open() && !state->is_over()) {
      if (!co_await state->changed().wait_for(clock_, deadline - clock_.steady_now())) {
        throw lost(fmt::format("the agent of container {} did not answer within 30 s", container_id));
      }
    }
    if (state->is_open() || !state->is_lost() || !is_repeatable(request.kind)) {
      state->check();
      co_return session;
    }
  }
}

Awaitable<void> Hub::control(std::string container_id, SessionKind kind, std::string parameters) {
  const auto deadline = clock_.steady_now() + kAgentLimit;
  const auto peer = co_await connected_peer(container_id, kAgentLimit);
  const auto session = std::make_shared<ControlSession>();
  peer->open(session, kind, parameters);
  if (!co_await session->settled().wait_for(clock_, deadline - clock_.steady_now())) {
    throw lost(fmt::format("the agent of container {} did not answer within 30 s", container_id));
  }
  if (session->outcome() == ControlSession::Outcome::lost) throw lost(session->text());
  if (session->outcome() == ControlSession::Outcome::done) co_return;
  const bool is_argument = session->error_number() == EINVAL;
  throw Error(is_argument ? ErrorKind::invalid_argument : ErrorKind::conflict, session->text());
}

Awaitable<void> Hub::signal(std::string container_id, int signal, std::uint32_t target) {
  co_await control(std::move(container_id), SessionKind::signal,
                   encode(SignalParameters{.target = target, .signal = static_cast<std::uint32_t>(signal)}));
}

Awaitable<void> Hub::resize(std::string container_id, int rows, int columns, std::uint32_t target) {
  co_await control(
      std::move(container_id), SessionKind::resize,
      encode(ResizeParameters{
          .target = target, .rows = static_cast<std::uint16_t>(rows), .columns = static_cast<std::uint16_t>(columns)}));
}

}  // namespace sockerless::agent
