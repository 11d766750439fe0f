#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agent/protocol/frame.h"
#include "agent/task/baseline.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"

namespace sockerless::agent {

// The sessions that read and write the container's files. Each works in a process of its own, so
// that neither a large tar nor a file system that hangs delays anything else. Outlives the sessions.
class Files {
 public:
  explicit Files(Loop& loop) : loop_(loop), baseline_(loop) {}

  // Before the command runs: remembers the files. Calls `recorded` when the command may run.
  void record(std::function<void()> recorded) { baseline_.record(std::move(recorded)); }
  bool is_recording() const { return baseline_.is_pending(); }

  // False if the parameters are malformed. A session that could not begin is null, and the daemon
  // has been told.
  bool open(const Open& frame, SessionPort& port, std::unique_ptr<TaskSession>& session);

 private:
  std::unique_ptr<TaskSession> begin(SessionPort& port, const FileWorker::Work& work, bool takes_input, int extra = -1);
  std::unique_ptr<TaskSession> begin_comparison(SessionPort& port, const FileWorker::Work& work);

  Loop& loop_;
  Baseline baseline_;
};

}  // namespace sockerless::agent
