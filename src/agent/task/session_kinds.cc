#include "agent/task/session_kinds.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "agent/protocol/dial.h"
#include "agent/protocol/hosts.h"
#include "agent/task/dial_session.h"
#include "agent/task/hosts_file.h"
#include "agent/task/statistics_sessions.h"

namespace sockerless::agent {

namespace {

void finish_control(SessionPort& port, int error_number, std::string_view what) {
  if (error_number == 0) {
    port.close(0);
  } else {
    port.fail(error_number, std::string(what) + ": " + strerror(error_number));
  }
}

bool signal_command(const Open& frame, SessionServices& services, SessionPort& port) {
  const auto parameters = decode_signal(frame.parameters);
  if (!parameters) return false;
  const int signal = static_cast<int>(parameters->signal);
  const int error = parameters->target == 0 ? services.command.send_signal(signal)
                                            : services.execs.send_signal(parameters->target, signal);
  finish_control(port, error, "signal");
  return true;
}

bool resize_command(const Open& frame, SessionServices& services, SessionPort& port) {
  const auto parameters = decode_resize(frame.parameters);
  if (!parameters) return false;
  const int error = parameters->target == 0
                        ? services.command.resize(parameters->rows, parameters->columns)
                        : services.execs.resize(parameters->target, parameters->rows, parameters->columns);
  finish_control(port, error, "resize");
  return true;
}

}  // namespace

bool make_session(const Open& frame, SessionServices& services, SessionPort& port,
                  std::unique_ptr<TaskSession>& session) {
  switch (frame.kind) {
    case SessionKind::attach: {
      const auto parameters = decode_attach(frame.parameters);
      if (parameters) session = services.attachments.open(port, *parameters);
      return parameters.has_value();
    }
    case SessionKind::exec: {
      const auto parameters = decode_exec(frame.parameters);
      if (parameters) session = services.execs.open(port, *parameters);
      return parameters.has_value();
    }
    case SessionKind::archive_put:
    case SessionKind::archive_get:
    case SessionKind::archive_stat:
    case SessionKind::changes:
    case SessionKind::changed_size:
    case SessionKind::export_root: return services.files.open(frame, port, session);
    case SessionKind::dial: {
      const auto parameters = decode_dial(frame.parameters);
      if (parameters) session = std::make_unique<DialSession>(services.loop, port, parameters->port);
      return parameters.has_value();
    }
    case SessionKind::hosts: {
      const auto parameters = decode_hosts(frame.parameters);
      if (parameters) answer_hosts(port, *parameters);
      return parameters.has_value();
    }
    case SessionKind::top: session = open_top(port); return true;
    case SessionKind::stats: answer_stats(port); return true;
    case SessionKind::signal: return signal_command(frame, services, port);
    case SessionKind::resize: return resize_command(frame, services, port);
    default: break;
  }
  port.fail(ENOSYS, "this version of the agent has no such kind of session");
  return true;
}

}  // namespace sockerless::agent
