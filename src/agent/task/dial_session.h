#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"

namespace sockerless::agent {

// A connection to a port of the task, for a client of a published port. Each direction waits for
// its receiver and ends by itself; the session ends with the second.
class DialSession final : public TaskSession {
 public:
  // Answers `opened` when it is connected, or with the error.
  DialSession(Loop& loop, SessionPort& port, std::uint16_t number);
  ~DialSession() override;

  bool data(std::string_view bytes) override;
  void input_ended() override;
  void room(Stream) override { update(); }

 private:
  int begin(int family);
  void ready(std::uint32_t events);
  void connected();
  void read_some();
  void write_some();
  void end_input();
  void fail(int error_number);
  void update();
  void finish_if_done();
  void drop();

  Loop& loop_;
  SessionPort& port_;
  std::uint16_t number_;
  FileDescriptor socket_;
  bool is_version_6_ = false;
  bool is_connected_ = false;
  std::string unwritten_;
  bool is_input_ended_ = false;   // by the client
  bool is_input_closed_ = false;  // towards the task's server
  bool is_output_ended_ = false;
};

}  // namespace sockerless::agent
