#pragma once

#include <memory>
#include <string_view>

#include "agent/protocol/frame.h"
#include "agent/task/attachments.h"
#include "agent/task/execs.h"
#include "agent/task/files.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"

namespace sockerless::agent {

// What sessions can do to the container's command. Both return 0 or an error number.
class CommandControl {
 public:
  virtual ~CommandControl() = default;
  virtual int send_signal(int signal) = 0;
  virtual int resize(int rows, int columns) = 0;
};

// What sessions work with; all outlive them.
struct SessionServices {
  Loop& loop;
  CommandControl& command;
  Attachments& attachments;
  Execs& execs;
  Files& files;
};

// Begins the session that an open frame asks for; one that is over at once may be null. False if
// the frame's parameters are malformed: a violation.
[[nodiscard]] bool make_session(const Open& frame, SessionServices& services, SessionPort& port,
                                std::unique_ptr<TaskSession>& session);

}  // namespace sockerless::agent
