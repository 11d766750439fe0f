#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task_group.h"
#include "core/container_table.h"
#include "core/exec_driver.h"
#include "core/lifecycle.h"

namespace sockerless::core {

// An exec as clients see it.
struct Exec {
  std::string id;  // 64 hexadecimal digits
  std::string container_id;
  ExecCommand command;
  std::string detach_keys;  // as the client wrote them
  bool is_running = false;
  std::optional<int> exit_code;  // once it has ended
  int pid = 0;

  bool has_ended() const { return exit_code.has_value(); }
};

// The exec operations of a Docker daemon. An exec is known until its container is removed, and for five
// minutes after it has ended. Its command runs on when its client leaves, and when the daemon does: then nobody
// learns its exit code, and 255 is on record. Lives on the daemon's loop.
class Execs {
 public:
  Execs(Executor executor, Services services, const ContainerTable& table);
  ~Execs();
  Execs(const Execs&) = delete;
  Execs& operator=(const Execs&) = delete;

  // Loads what an earlier process has recorded; the containers must be there.
  void recover();

  // Returns the exec's id. Throws no_such_container, not_running, Error(invalid_argument) for no command
  // and no such user.
  Awaitable<std::string> create(std::string reference, ExecCommand command, std::string detach_keys = {});

  // Throws no_such_exec.
  Exec get(std::string_view id) const;
  // The same, but throws also if its container does not run any more.
  Exec get_reachable(std::string_view id) const;

  // Those of a container that have not ended.
  std::vector<std::string> ids_of(std::string_view container_id) const;

  // Runs the exec with a client. Returns when its command runs, for which the agent is waited for; the
  // exit code is on record when the session has been read to its end. Throws Error(conflict) if it runs
  // or has run, Error(invalid_argument) if the command cannot be run.
  Awaitable<std::unique_ptr<AttachSession>> start(std::string id, std::optional<TerminalSize> size = {});
  // Without a client: what the command writes is thrown away.
  Awaitable<void> start_detached(std::string id, std::optional<TerminalSize> size = {});

  // Throws Error(conflict) if it does not run, or has no terminal.
  Awaitable<void> resize(std::string id, TerminalSize size);
  Awaitable<void> signal(std::string id, int signal);

  // Says that its client has left by the detach keys.
  void note_detached(std::string_view id);

  Awaitable<void> shut_down();

 private:
  struct Entry;
  using ExecPointer = std::shared_ptr<Entry>;
  class ClientSession;

  ExecPointer find(std::string_view id) const;
  ExecPointer get_entry(std::string_view id) const;
  ExecPointer get_startable(std::string_view id) const;
  Awaitable<void> begin(ExecPointer exec, bool is_detached);
  Awaitable<void> open(ExecPointer exec, bool is_detached);
  Awaitable<void> run_on(ExecPointer exec);
  void client_left(const ExecPointer& exec);
  void ended(const ExecPointer& exec, int exit_code);
  int exit_code_of_cut_off(const ExecPointer& exec) const;
  void forget_later(const ExecPointer& exec);
  void forget(const std::string& id);
  Awaitable<void> save(ExecPointer exec);
  Awaitable<void> erase_row(std::string id);
  void publish(const ExecPointer& exec, std::string action, std::map<std::string, std::string> attributes = {});
  void forget_removed();
  static bool is_gone(const Entry& exec);

  Services services_;
  const ContainerTable& table_;
  std::map<std::string, ExecPointer, std::less<>> by_id_;
  TaskGroup tasks_;
  bool is_stopping_ = false;
};

// The exit code of a command that a runtime has refused: 127 if there is no such thing, else 126.
int exit_code_of_refusal(std::string_view text);

}  // namespace sockerless::core
