#include "core/execs.h"

#include <fmt/format.h>

#include "base/id.h"
#include "base/log.h"
#include "base/rollback.h"
#include "core/errors.h"
#include "core/exec_record.h"

namespace sockerless::core {
namespace {

const Logger log("exec");

constexpr const char* kTable = "execs";
constexpr auto kKeptAfterEnd = std::chrono::minutes(5);
constexpr int kNotFound = 127;  // the shell's exit codes for what cannot be run
constexpr int kNotExecutable = 126;
constexpr int kKilled = 137;
constexpr int kUnknownEnd = 255;

Error no_such_exec(std::string_view id) { return {ErrorKind::not_found, fmt::format("No such exec instance: {}", id)}; }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What the runtime says of a command gets the engine's words in front; what the engine itself says of
// the user has none.
Error refused(const Error& error) {
  const std::string_view text = error.what();
  const bool is_runtimes =
      error.kind() == ErrorKind::invalid_argument &&
      (text.starts_with("exec") || text.starts_with("chdir") || text.starts_with("unable to change"));
  if (!is_runtimes) return error;
  return {error.kind(),
          fmt::format("OCI runtime exec failed: exec failed: unable to start container process: {}", text)};
}

std::string words_of(const ExecCommand& command) {
  std::string words;
  for (const std::string& word : command.arguments) words += (words.empty() ? "" : " ") + word;
  // moby joins the arguments to the first word with a blank even if there are none.
  return command.arguments.size() == 1 ? words + " " : words;
}

// As clients see it: a launch counts once start has answered.
void check_running(const ContainerEntry& container) {
  const State& state = container.record.state;
  if (state.restarting && !state.is_running()) throw container_is_restarting(container.record.id);
  const bool is_seen_running =
      state.status == Status::running || (state.status == Status::starting && container.start_answered);
  if (!is_seen_running) throw not_running(container.record.id);
}

}  // namespace

struct Execs::Entry : Exec {
  EntryPointer container;
  std::string launch;                    // of the container, when it was created
  std::shared_ptr<ExecSession> session;  // while it runs
  Event opened;                          // it runs, or failed to
  std::optional<Error> failure;
  std::unique_ptr<Clock::Timer> removal;
};

// What a client holds of a running exec. When it lets go, the exec runs on.
class Execs::ClientSession final : public AttachSession {
 public:
  ClientSession(Execs& owner, ExecPointer exec) : owner_(owner), exec_(std::move(exec)), session_(exec_->session) {}
  ~ClientSession() override { owner_.client_left(exec_); }

  Awaitable<std::optional<OutputPart>> read() override {
    std::optional<Error> cut_off;
    try {
      auto part = co_await session_->read();
      if (!part) owner_.ended(exec_, session_->exit_code());
      co_return part;
    } catch (const Error& error) {
      cut_off = error;
    }
    const int exit_code = owner_.exit_code_of_cut_off(exec_);
    owner_.ended(exec_, exit_code);
    // A container that has ended takes its execs along; there is nothing else to tell.
    if (exit_code == kKilled) co_return std::nullopt;
    throw Error(cut_off->kind(), fmt::format("exec {} was cut off: {}", exec_->id.substr(0, 12), cut_off->what()));
  }
  Awaitable<void> write(std::string bytes) override { return session_->write(std::move(bytes)); }
  void close_stdin() override { session_->close_stdin(); }

 private:
  Execs& owner_;
  ExecPointer exec_;
  std::shared_ptr<ExecSession> session_;
};

int exit_code_of_refusal(std::string_view text) {
  const bool is_missing = contains(text, "executable file not found") || contains(text, "no such file or directory");
  return is_missing ? kNotFound : kNotExecutable;
}

Execs::Execs(Executor executor, Services services, const ContainerTable& table)
    : services_(services), table_(table), tasks_(std::move(executor)) {}

Execs::~Execs() = default;

Awaitable<std::string> Execs::create(std::string reference, ExecCommand command, std::string detach_keys) {
  if (command.arguments.empty()) throw Error(ErrorKind::invalid_argument, "No exec command specified");
  const EntryPointer container = table_.get(reference);
  check_running(*container);
  if (!command.user.empty() && command.user != container->record.config.user) {
    co_await services_.drivers.exec.pick(container->record).check_user(container->record, command.user);
  }
  forget_removed();
  const auto exec = std::make_shared<Entry>();
  exec->id = random_hex(32);
  exec->container_id = container->record.id;
  exec->command = std::move(command);
  exec->detach_keys = std::move(detach_keys);
  exec->container = container;
  exec->launch = container->record.current_launch()->id;
  by_id_.emplace(exec->id, exec);
  Rollback unmake([&] { by_id_.erase(exec->id); });
  co_await save(exec);
  unmake.dismiss();
  publish(exec, "exec_create: " + words_of(exec->command));
  co_return exec->id;
}

// What was never started is not missed before somebody looks.
void Execs::forget_removed() {
  std::vector<std::string> gone;
  for (const auto& [id, exec] : by_id_) {
    if (is_gone(*exec)) gone.push_back(id);
  }
  for (const std::string& id : gone) forget(id);
}

// What has not been started goes with the process beside which it would have run.
bool Execs::is_gone(const Entry& exec) {
  if (exec.container->removed) return !exec.is_running;
  const Launch* launch = exec.container->record.current_launch();
  return !exec.is_running && !exec.has_ended() && (launch->id != exec.launch || launch->has_ended());
}

Execs::ExecPointer Execs::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || is_gone(*found->second)) return nullptr;
  return found->second;
}

Execs::ExecPointer Execs::get_entry(std::string_view id) const {
  ExecPointer exec = find(id);
  if (!exec) throw no_such_exec(id);
  return exec;
}

Exec Execs::get(std::string_view id) const { return *get_entry(id); }

Exec Execs::get_reachable(std::string_view id) const {
  const ExecPointer exec = get_entry(id);
  const State& state = exec->container->record.state;
  if (state.restarting && !state.is_running()) throw container_is_restarting(exec->container_id);
  if (!state.is_running()) throw no_such_exec(id);
  return *exec;
}

Execs::ExecPointer Execs::get_startable(std::string_view id) const {
  get_reachable(id);
  ExecPointer exec = get_entry(id);
  if (exec->has_ended()) {
    throw Error(ErrorKind::conflict, fmt::format("exec command {} has already run", id));
  }
  if (exec->is_running) {
    throw Error(ErrorKind::conflict, fmt::format("exec command {} is already running", id));
  }
  return exec;
}

std::vector<std::string> Execs::ids_of(std::string_view container_id) const {
  std::vector<std::string> ids;
  for (const auto& [id, exec] : by_id_) {
    if (exec->container_id == container_id && !exec->has_ended()) ids.push_back(id);
  }
  return ids;
}

Awaitable<std::unique_ptr<AttachSession>> Execs::start(std::string id, std::optional<TerminalSize> size) {
  const ExecPointer exec = get_startable(id);
  exec->is_running = true;
  if (size) exec->command.size = size;
  co_await begin(exec, false);
  co_return std::make_unique<ClientSession>(*this, exec);
}

Awaitable<void> Execs::start_detached(std::string id, std::optional<TerminalSize> size) {
  const ExecPointer exec = get_startable(id);
  exec->is_running = true;
  if (size) exec->command.size = size;
  exec->command.streams = {};
  co_await begin(exec, true);
}

// A caller that is cancelled leaves the exec running.
Awaitable<void> Execs::begin(ExecPointer exec, bool is_detached) {
  publish(exec, "exec_start: " + words_of(exec->command));
  tasks_.spawn("exec", open(exec, is_detached));
  co_await exec->opened.wait();
  if (exec->failure) throw Error(*exec->failure);
}

Awaitable<void> Execs::open(ExecPointer exec, bool is_detached) {
  try {
    // Before there is a process: after a crash the exec must not seem to be waiting for its start.
    co_await save(exec);
    const Container record = exec->container->record;
    exec->session = co_await services_.drivers.exec.pick(record).exec(record, exec->command);
    exec->pid = exec->session->pid();
  } catch (const Error& error) {
    exec->failure = refused(error);
    exec->is_running = false;
    exec->exit_code = exit_code_of_refusal(error.what());
    exec->opened.set();
    tasks_.spawn("save exec", save(exec));
    forget_later(exec);
    co_return;
  }
  exec->opened.set();
  tasks_.spawn("save exec", save(exec));
  if (is_detached) co_await run_on(exec);
}

// Reads to the end for nobody.
Awaitable<void> Execs::run_on(ExecPointer exec) {
  const auto session = exec->session;
  try {
    while (co_await session->read()) {
    }
    ended(exec, session->exit_code());
  } catch (const Error& error) {
    log.warn("exec was cut off", {{"exec", exec->id}, {"error", error.what()}});
    ended(exec, exit_code_of_cut_off(exec));
  }
}

void Execs::client_left(const ExecPointer& exec) {
  if (exec->is_running && !is_stopping_) tasks_.spawn("exec without client", run_on(exec));
}

int Execs::exit_code_of_cut_off(const ExecPointer& exec) const {
  return exec->container->record.state.is_running() ? kUnknownEnd : kKilled;
}

void Execs::ended(const ExecPointer& exec, int exit_code) {
  if (!exec->is_running) return;
  exec->is_running = false;
  exec->exit_code = exit_code;
  exec->session.reset();
  publish(exec, "exec_die", {{"exitCode", std::to_string(exit_code)}});
  tasks_.spawn("save exec", save(exec));
  forget_later(exec);
}

void Execs::forget_later(const ExecPointer& exec) {
  exec->removal = services_.clock.after(kKeptAfterEnd, [this, id = exec->id] { forget(id); });
}

void Execs::forget(const std::string& id) {
  const auto gone = by_id_.extract(id);
  tasks_.spawn("forget exec", erase_row(id));
}

Awaitable<void> Execs::erase_row(std::string id) { co_await services_.store.erase(kTable, std::move(id)); }

Awaitable<void> Execs::save(ExecPointer exec) {
  const ExecCommand& command = exec->command;
  const ExecRecord record{.container_id = exec->container_id,
                          .launch = exec->launch,
                          .arguments = command.arguments,
                          .environment = command.environment,
                          .working_directory = command.working_directory,
                          .user = command.user,
                          .tty = command.tty,
                          .privileged = command.privileged,
                          .standard_in = command.streams.standard_in,
                          .standard_out = command.streams.standard_out,
                          .standard_error = command.streams.standard_error,
                          .detach_keys = exec->detach_keys,
                          .is_running = exec->is_running,
                          .exit_code = exec->exit_code,
                          .pid = exec->pid};
  co_await services_.store.put(kTable, exec->id, json::to_text(record), Durability::relaxed);
}

void Execs::recover() {
  for (auto& [id, document] : services_.store.load(kTable)) {
    auto record = read_row<ExecRecord>(kTable, id, document);
    const auto exec = std::make_shared<Entry>();
    exec->id = id;
    exec->container_id = record.container_id;
    exec->launch = record.launch;
    exec->command = {.arguments = std::move(record.arguments),
                     .environment = std::move(record.environment),
                     .working_directory = std::move(record.working_directory),
                     .user = std::move(record.user),
                     .tty = record.tty,
                     .privileged = record.privileged,
                     .streams = {.standard_in = record.standard_in,
                                 .standard_out = record.standard_out,
                                 .standard_error = record.standard_error}};
    exec->detach_keys = std::move(record.detach_keys);
    exec->exit_code = record.is_running ? kUnknownEnd : record.exit_code;
    exec->pid = record.pid;
    exec->container = table_.find(record.container_id);
    if (!exec->container || exec->container->record.launches.empty() || is_gone(*exec)) {
      forget(id);
      continue;
    }
    by_id_.emplace(id, exec);
    if (exec->has_ended()) forget_later(exec);
  }
}

Awaitable<void> Execs::resize(std::string id, TerminalSize size) {
  get_reachable(id);
  const ExecPointer exec = get_entry(id);
  if (exec->is_running) co_await exec->opened.wait();
  const auto session = exec->session;
  if (!session) {
    throw Error(ErrorKind::conflict, fmt::format("cannot resize exec {}: its process does not run", id));
  }
  co_await session->resize(size);
}

Awaitable<void> Execs::signal(std::string id, int signal) {
  const auto session = get_entry(id)->session;
  if (!session) throw Error(ErrorKind::conflict, fmt::format("exec {} does not run", id));
  co_await session->signal(signal);
}

void Execs::note_detached(std::string_view id) {
  if (const ExecPointer exec = find(id)) publish(exec, "exec_detach");
}

void Execs::publish(const ExecPointer& exec, std::string action, std::map<std::string, std::string> attributes) {
  attributes["execID"] = exec->id;
  services_.events.publish(exec->container->record, std::move(action), std::move(attributes));
}

Awaitable<void> Execs::shut_down() {
  is_stopping_ = true;
  co_await tasks_.join();
}

}  // namespace sockerless::core
