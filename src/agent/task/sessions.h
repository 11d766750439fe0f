#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/protocol/credit.h"
#include "agent/protocol/frame.h"
#include "agent/task/link.h"
#include "agent/task/loop.h"
#include "agent/task/options.h"
#include "agent/task/output_pump.h"
#include "agent/task/standard_in.h"

namespace sockerless::agent {

// What sessions can do to the container's command. Both return 0 or an error number.
class CommandControl {
 public:
  virtual ~CommandControl() = default;
  virtual int send_signal(int signal) = 0;
  virtual int resize(int rows, int columns) = 0;
};

// The sessions of the current link. A session ends with its link; the command does not.
class Sessions final : public OutputListener {
 public:
  // `released` is called when the command may no longer be held back.
  Sessions(Loop& loop, CommandControl& control, StandardInput standard_input, std::function<void()> released);

  void link_up(Link& link);
  void link_down();

  // A frame of a session. False if the daemon broke the protocol.
  bool take(const Frame& frame);

  void deliver(Stream stream, std::string_view bytes) override;
  bool is_holding(Stream stream) const override;

  // The command runs: clients' input flows.
  void command_started(FileDescriptor standard_in) { standard_in_.open(std::move(standard_in)); }

  // The command has exited and everything it wrote has been delivered: sessions end with their last byte.
  void command_finished(int exit_code);

  // No session has bytes left that the daemon has not taken.
  bool is_drained() const;

 private:
  struct Output {
    SendWindow window;
    std::string pending;  // what the window had no room for
  };
  struct Attach {
    AttachParameters parameters;
    ReceiveWindow input;
    bool is_input_ended = false;
    std::array<Output, 2> outputs;

    bool wants(Stream stream) const;
    Output& output(Stream stream) { return outputs[stream == Stream::standard_error ? 1 : 0]; }
    const Output& output(Stream stream) const { return outputs[stream == Stream::standard_error ? 1 : 0]; }
  };

  bool open(const Open& frame);
  bool open_attach(const Open& frame);
  bool open_signal(const Open& frame);
  bool open_resize(const Open& frame);
  void finish_control(std::uint32_t session, int error_number, std::string_view what);
  bool data_received(const Data& frame);
  bool input_ended(const EndOfStream& frame);
  bool credit_received(const Credit& frame);
  void input_consumed(std::uint32_t session, std::uint32_t bytes);
  void end_input(Attach& attach);
  void flush(std::uint32_t id, Attach& attach, Stream stream);
  void finish_if_drained(std::uint32_t id);

  CommandControl& control_;
  StandardInput mode_;
  std::function<void()> released_;
  StandardIn standard_in_;
  Link* link_ = nullptr;
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, Attach> attaches_;
  std::optional<int> exit_code_;
};

}  // namespace sockerless::agent
