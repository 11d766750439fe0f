#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/hub/peer.h"
#include "agent/hub/stream_session.h"
#include "agent/protocol/frame.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/secret.h"
#include "base/task_group.h"
#include "http/exchange.h"

namespace sockerless::agent {

// The agent that a container's current launch will have.
struct Expected {
  std::string container_id;
  std::string launch_id;
  Secret token;
};

// Learns what agents report. Called on the loop; must not throw; may call the hub. An agent reports
// anew on every connection, so each report may come more than once.
class Listener {
 public:
  virtual ~Listener() = default;

  // `hello` is good during the call only. Also called when a newer connection takes over.
  virtual void agent_connected(const std::string& container_id, const std::string& launch_id, const Hello& hello) = 0;
  virtual void agent_started(const std::string& container_id, const std::string& launch_id, std::uint32_t pid) = 0;
  // The text is `exec: "…": …` in Docker's words, without what a daemon puts around it.
  virtual void agent_start_failed(const std::string& container_id, const std::string& launch_id, int error_number,
                                  std::string text) = 0;
  virtual void agent_exited(const std::string& container_id, const std::string& launch_id, int code,
                            std::optional<long> log_events) = 0;
  // Not called after the exit was acknowledged, nor for what the hub itself was told to drop.
  virtual void agent_lost(const std::string& container_id, const std::string& launch_id) = 0;
};

// What a task is doing whose agent is dialled.
enum class TaskPhase {
  launching,  // its agent may begin to listen at any moment, and packets to it may be lost until then
  running,
};

// The daemon's end of all agents: at most one connection per container, that of its current launch.
// Lives on the daemon's loop and takes no locks. Must be stopped before it is destroyed.
class Hub final : public PeerOwner {
 public:
  Hub(Executor executor, Clock& clock, Listener& listener);
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // From now on only this launch of the container is served; the agent of another one is dropped.
  void expect(Expected expected);

  // Drops the connection and stops dialling. Sessions and waits of the container end. The agent
  // leaves as soon as its command has ended.
  void forget(const std::string& container_id);

  // Forward mode: connects to the agent there and reconnects until the container is forgotten, its
  // exit acknowledged or another address dialled. While the task is launching an attempt takes 1 s
  // at most and the next follows within 250 ms; of a running task 10 s, and pauses grow to 10 s. The
  // same address in the same phase again changes nothing. The container must be expected.
  void dial(const std::string& container_id, std::string host, int port, TaskPhase phase = TaskPhase::running);

  // Reverse mode: serves GET /internal/v1/agent/connect. Answers 401 to a wrong token and 404 to
  // who is not expected; the newest connection of a launch wins.
  Awaitable<void> accept(http::Exchange& exchange);

  bool connected(const std::string& container_id) const;

  // Lets the held command run, now or as soon as the agent of this launch connects.
  void release(const std::string& container_id);

  // The exit is on record: the agent may leave, now or as soon as it reports its exit again.
  void acknowledge_exit(const std::string& container_id);

  // These wait for the agent, 30 s at most. They throw Error(unavailable) if it does not come, is
  // lost meanwhile, or is not expected at all.

  // Returns once the agent has begun the session: of an attach session, what the command writes from
  // then on arrives. Throws SessionFailure if the agent could not begin it.
  Awaitable<std::unique_ptr<StreamSession>> open(std::string container_id, StreamRequest request);
  // The target of these two is a session that runs a process, or 0 for the container's command.
  // Throws Error(conflict) if the process does not run, Error(invalid_argument) for no such signal.
  Awaitable<void> signal(std::string container_id, int signal, std::uint32_t target = 0);
  // Throws Error(conflict) if the process has no terminal.
  Awaitable<void> resize(std::string container_id, int rows, int columns, std::uint32_t target = 0);

  // Drops everything and waits until it has ended. Agents may connect again, to the next daemon.
  Awaitable<void> stop();

 private:
  struct Entry;
  using EntryPointer = std::shared_ptr<Entry>;

  // Of a peer.
  void frame_received(Peer& peer, const Frame& frame) override;
  void peer_lost(Peer& peer, const std::string& reason) override;
  void hello_received(const EntryPointer& entry, const Hello& hello);
  bool report_received(const EntryPointer& entry, const Frame& frame);

  EntryPointer find(const std::string& container_id) const;
  EntryPointer entry_of(const Peer& peer) const;
  void adopt(const EntryPointer& entry, std::unique_ptr<http::Connection> connection, Role role);
  void remove(const EntryPointer& entry, CloseCode code);
  void drop_peer(const EntryPointer& entry, CloseCode code);

  Awaitable<void> keep_dialled(EntryPointer entry, std::string host, int port, int generation);
  Awaitable<std::shared_ptr<Peer>> connected_peer(std::string container_id, Clock::Duration limit);
  Awaitable<void> control(std::string container_id, SessionKind kind, std::string parameters);

  Clock& clock_;
  Listener& listener_;
  std::map<std::string, EntryPointer, std::less<>> entries_;
  TaskGroup tasks_;
};

}  // namespace sockerless::agent
