#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/task/file_worker.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"

namespace sockerless::agent {

// Carries a session's streams to and from a process that works on files. Holds at most the window
// of input and one piece of output.
class FileSession final : public TaskSession {
 public:
  FileSession(Loop& loop, SessionPort& port, FileWorker worker, bool takes_input);
  ~FileSession() override;

  bool data(std::string_view bytes) override;
  void input_ended() override;
  void room(Stream stream) override;
  bool has_unsent() const override { return !port_.is_over(); }

 private:
  void put_input(std::string_view bytes);
  void room_for_input();
  void schedule_wake();
  void end_input();
  void read_output();
  bool take_messages();
  bool take_message(WorkMessage kind, std::string_view body);
  bool send_output();
  void finish();

  Loop& loop_;
  SessionPort& port_;
  FileWorker worker_;
  bool takes_input_;
  bool is_input_ended_ = false;
  std::string input_;       // for which the worker's ring has had no room
  std::string output_;      // read, not yet taken
  std::size_t taken_ = 0;   // of output_
  std::size_t unsent_ = 0;  // bytes at taken_ that are data for the daemon
  // Shared with what is deferred, which may run when the session is gone.
  std::shared_ptr<bool> is_scheduled_ = std::make_shared<bool>(false);
};

}  // namespace sockerless::agent
