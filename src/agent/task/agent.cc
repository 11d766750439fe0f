#include "agent/task/agent.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/task/environment.h"
#include "agent/task/lookup.h"
#include "agent/task/say.h"
#include "agent/task/signals.h"

namespace sockerless::agent {

namespace {

constexpr int kHoldLimit = 90'000;    // ms that a held command waits for go
constexpr int kLingerLimit = 15'000;  // ms that the last report waits to be acknowledged
constexpr int kGoodbyeLimit = 1'000;  // ms for the daemon to answer the goodbye
constexpr int kEndLimit = 10'000;     // ms from the end of the lease to SIGKILL
constexpr int kNotStarted = 125;

#if defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#else
constexpr std::string_view kArchitecture = "amd64";
#endif

// Whom the command runs as, if the agent runs as somebody else.
IdentityLookup look_up_user(Options& options) {
  if (options.command_user.empty()) return {};
  IdentityLookup found = find_identity(options.command_user);
  // The runtime has set root's home; one that the image or the user has set is another.
  if (found.error.empty() && find_variable(options.environment, "HOME") == home_of(0)) {
    options.environment = merge_environment(options.environment, {"HOME=" + found.identity.home});
  }
  return found;
}

// The first process of the container, or its init's child: the files of this system are its image's.
bool is_of_container() { return getpid() == 1 || getppid() == 1; }

// An agent that is not root cannot become anybody; its task runs as the container's user already.
std::optional<Identity> command_identity(const Options& options, const IdentityLookup& user) {
  if (options.command_user.empty() || geteuid() != 0) return std::nullopt;
  return user.identity;
}

}  // namespace

Agent::Agent(Options options, sigset_t signal_mask, LoopTime& time)
    : options_(std::move(options)),
      loop_(time),
      user_(look_up_user(options_)),
      command_({.arguments = options_.command,
                .environment = options_.environment,
                .identity = command_identity(options_, user_),
                .tty = options_.tty,
                .open_standard_in = options_.standard_input != StandardInput::none,
                .signal_mask = signal_mask}),
      // A terminal has no end of input; its client may come back.
      attachments_(loop_,
                   options_.tty && options_.standard_input == StandardInput::once ? StandardInput::open
                                                                                  : options_.standard_input,
                   [this] { resume_output(); }),
      execs_(loop_, {.environment = options_.environment,
                     .identity = command_identity(options_, user_),
                     .signal_mask = signal_mask}),
      files_(loop_),
      sessions_({.loop = loop_, .command = *this, .attachments = attachments_, .execs = execs_, .files = files_}),
      is_daemon_expected_(options_.mode == Mode::reverse),
      lease_(loop_, options_.lease_seconds, [this] { lease_expired(); }) {}

int Agent::run() {
  if (!watch_signals()) {
    say("signals cannot be watched");
    return kNotStarted;
  }
  if (getpid() != 1) prctl(PR_SET_CHILD_SUBREAPER, 1);
  lease_.run();
  if (options_.mode == Mode::forward) {
    acceptor_.emplace(loop_, options_, [this](std::unique_ptr<Transport> transport, std::string early) {
      connected(std::move(transport), Role::server, early);
    });
    if (const std::string error = acceptor_->listen(); !error.empty()) {
      say(error);
      return kNotStarted;
    }
  }
  if (is_of_container()) files_.record([this] { files_recorded(); });
  if (options_.wait_for_go) {
    hold_timer_ = loop_.after(kHoldLimit, [this] { hold_expired(); });
  } else {
    release_command();
  }
  if (options_.mode == Mode::reverse) {
    dialer_.emplace(
        loop_, options_,
        [this](std::unique_ptr<Transport> transport, std::string early) {
          connected(std::move(transport), Role::client, early);
        },
        [this] { dismissed(); });
    dialer_->dial();
  }
  loop_.run();
  return exit_code_;
}

// The newest connection counts: a daemon that comes back must not wait until the old one is seen dead.
void Agent::connected(std::unique_ptr<Transport> transport, Role role, std::string_view early) {
  if (is_leaving_) return;
  if (link_) sessions_.link_down();
  link_ = std::make_unique<Link>(loop_, std::move(transport), role, early, *this);
  is_daemon_expected_ = true;
  lease_.hold();
  sessions_.link_up(*link_);
  say_hello();
  report();
}

void Agent::say_hello() {
  link_->send(Hello{.version = SOCKERLESS_VERSION,
                    .container_id = options_.container_id,
                    .launch_id = options_.launch_id,
                    .architecture = kArchitecture,
                    .state = state_,
                    .pid = static_cast<std::uint32_t>(pid_)});
}

// On every connection anew, because the daemon may be another one than before.
void Agent::report() {
  if (!link_) return;
  if (state_ == CommandState::failed) {
    link_->send(StartFailed{.error_number = static_cast<std::uint32_t>(failure_.error_number), .text = failure_.error});
  }
  if (pid_ > 0) link_->send(Started{.pid = static_cast<std::uint32_t>(pid_)});
  report_exit();
}

void Agent::report_exit() {
  if (link_ && log_events_) link_->send(Exited{.code = exit_code_, .log_events = log_events_});
}

void Agent::frame_received(Link& link, const Frame& frame) {
  if (const auto* welcome = std::get_if<Welcome>(&frame)) {
    if (welcome->protocol < kOldestProtocolVersion || welcome->protocol > kProtocolVersion) {
      link.refuse("protocol version is not supported");
    } else if (dialer_) {
      dialer_->welcomed();
    }
  } else if (const auto* ack = std::get_if<Ack>(&frame)) {
    acknowledged(ack->report);
  } else if (std::holds_alternative<Go>(frame)) {
    if (state_ == CommandState::held && !is_released_) {
      loop_.cancel(hold_timer_);
      release_command();
    }
  } else if (!sessions_.take(frame)) {
    link.refuse("frame out of place");
  }
}

void Agent::acknowledged(FrameType report) {
  const bool is_last = (report == FrameType::exited && log_events_) ||
                       (report == FrameType::start_failed && state_ == CommandState::failed);
  if (!is_last) return;
  is_acknowledged_ = true;
  leave_if_done();
}

void Agent::link_lost(Link& link) {
  if (&link != link_.get()) return;
  // It is in the middle of a call.
  loop_.defer([dead = std::shared_ptr<Link>(std::move(link_))] {});
  sessions_.link_down();
  lease_.run();
  if (is_leaving_) {
    loop_.stop();
    return;
  }
  if (dialer_) dialer_->dial_again();
  if (link.is_dismissed()) {
    dismissed();
  } else {
    leave_if_done();
  }
}

// The daemon has forgotten the container: nobody waits for what is still to be told.
void Agent::dismissed() {
  is_daemon_expected_ = false;
  leave_if_done();
}

// The command may run, once the files that were there before it are on record.
void Agent::release_command() {
  is_released_ = true;
  if (!files_.is_recording()) files_recorded();
}

void Agent::files_recorded() {
  if (!is_released_ || is_leaving_ || state_ != CommandState::held) return;
  start_command();
  report();
}

void Agent::start_command() {
  StartedCommand started = user_.error.empty() ? command_.start() : StartedCommand();
  if (!user_.error.empty()) {
    started.error_number = EINVAL;
    started.error = user_.error;
  }
  if (started.pid < 0) {
    command_failed(started);
    return;
  }
  state_ = CommandState::running;
  pid_ = started.pid;
  pumps_.push_back(
      std::make_unique<OutputPump>(loop_, Stream::standard_out, std::move(started.pipes.standard_out), attachments_));
  if (started.pipes.standard_error) {
    pumps_.push_back(std::make_unique<OutputPump>(loop_, Stream::standard_error,
                                                  std::move(started.pipes.standard_error), attachments_));
  }
  attachments_.command_started(std::move(started.pipes.standard_in));
}

void Agent::command_failed(StartedCommand& failed) {
  state_ = CommandState::failed;
  exit_code_ = exit_code_of_start_error(failed.error_number);
  failure_ = std::move(failed);
  // Whoever is attached has seen all there will be.
  attachments_.command_finished(exit_code_);
  loop_.after(kLingerLimit, [this] {
    // Nobody was told, so the container's log is.
    say(failure_.error);
    leave(exit_code_);
  });
}

void Agent::command_exited(int status) {
  state_ = CommandState::exited;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  // A container ends with its first process, whatever else runs in it.
  if (getpid() == 1) kill(-1, SIGKILL);
  execs_.kill_all();
  command_.drop_terminal();
  loop_.after(kLingerLimit, [this] {
    is_out_of_time_ = true;
    leave_if_done();
  });
  for (const auto& pump : pumps_) pump->finish([this] { output_changed(); });
}

void Agent::output_changed() {
  const auto is_finished = [](const auto& pump) { return pump->is_finished(); };
  if (!std::all_of(pumps_.begin(), pumps_.end(), is_finished)) return;
  if (!log_events_) {
    log_events_ = 0;
    for (const auto& pump : pumps_) *log_events_ += pump->log_events();
    attachments_.command_finished(exit_code_);
    report_exit();
  }
  leave_if_done();
}

void Agent::resume_output() {
  for (const auto& pump : pumps_) pump->resume();
}

int Agent::send_signal(int signal) {
  if (signal < 1 || signal > SIGRTMAX) return EINVAL;
  if (state_ != CommandState::running) return ESRCH;
  return kill(pid_, signal) == 0 ? 0 : errno;
}

bool Agent::watch_signals() {
  const sigset_t set = handled_signals();
  signals_ = FileDescriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  return signals_ && loop_.watch(signals_.get(), EPOLLIN, [this](std::uint32_t) {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == sizeof info) signal_received(static_cast<int>(info.ssi_signo));
  });
}

void Agent::signal_received(int signal) {
  if (signal == SIGCHLD) {
    reap();
    return;
  }
  if (signal == SIGPIPE) return;  // of the agent's own writes
  const bool is_end = signal == SIGTERM || signal == SIGINT;
  if (state_ == CommandState::running) {
    send_signal(signal == SIGTERM && options_.stop_signal > 0 ? options_.stop_signal : signal);
  } else if (state_ == CommandState::held && is_end) {
    leave(128 + signal);
  } else if (state_ == CommandState::failed && is_end) {
    leave(exit_code_);
  }
}

void Agent::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return;
    if (pid == pid_ && state_ == CommandState::running) command_exited(status);
    execs_.reaped(pid, status);
  }
}

void Agent::hold_expired() {
  std::string reason = "the command was not started: the daemon gave no go within 90 s";
  if (dialer_ && !dialer_->last_error().empty()) reason += " (" + dialer_->last_error() + ")";
  say(reason);
  leave(kNotStarted);
}

void Agent::lease_expired() {
  say("no daemon has been here for " + std::to_string(lease_.seconds()) +
      " s: the lease is over, the command is ended");
  if (state_ == CommandState::held) {
    leave(kNotStarted);
  } else if (state_ == CommandState::running) {
    send_signal(options_.stop_signal > 0 ? options_.stop_signal : SIGTERM);
    loop_.after(kEndLimit, [this] { send_signal(SIGKILL); });
  }
}

void Agent::leave_if_done() {
  if (state_ == CommandState::failed && is_acknowledged_) leave(exit_code_);
  if (state_ != CommandState::exited || !log_events_) return;
  // The log gets every byte, however long it takes: a command would have waited for it as well.
  const auto is_flushed = [](const auto& pump) { return pump->is_flushed(); };
  if (!std::all_of(pumps_.begin(), pumps_.end(), is_flushed)) return;
  const bool is_daemon_done = is_acknowledged_ && sessions_.is_drained() && (!link_ || link_->is_drained());
  if (!is_daemon_expected_ || is_out_of_time_ || is_daemon_done) leave(exit_code_);
}

// The goodbye is waited for: a socket that is closed with something unread in it takes back even
// what it has sent.
void Agent::leave(int code) {
  if (is_leaving_) return;
  is_leaving_ = true;
  exit_code_ = code;
  if (!link_) {
    loop_.stop();
    return;
  }
  link_->close(CloseCode::normal, "the container has ended");
  loop_.after(kGoodbyeLimit, [this] { loop_.stop(); });
}

}  // namespace sockerless::agent
