#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agent/protocol/frame.h"
#include "agent/task/file_descriptor.h"
#include "agent/task/log_events.h"
#include "agent/task/loop.h"
#include "agent/task/output_sink.h"

namespace sockerless::agent {

// Who else gets the command's output.
class OutputListener {
 public:
  virtual ~OutputListener() = default;
  virtual void deliver(Stream stream, std::string_view bytes) = 0;

  // While true, the command is held back: some listener has not taken what it got.
  virtual bool is_holding(Stream stream) const = 0;
};

// Copies one output of the command to the agent's own and to the listener, and reads on only when
// both have taken what they got. So nothing is lost, and a slow reader slows the command.
class OutputPump {
 public:
  OutputPump(Loop& loop, Stream stream, FileDescriptor source, OutputListener& listener);
  ~OutputPump();
  OutputPump(const OutputPump&) = delete;
  OutputPump& operator=(const OutputPump&) = delete;

  // Looks again whether it may read on.
  void resume();

  // After the command has exited: takes what is left in the source, however slow the readers are,
  // and closes it. What a terminal still has in flight is waited for. `done` is called when there is
  // no more to read, and again when all of it has been written.
  void finish(std::function<void()> done);
  bool is_finished() const { return !source_; }

  // Everything has been written to the agent's own output.
  bool is_flushed() const { return unwritten_.empty(); }
  std::uint64_t log_events() const { return counter_.total(); }

 private:
  void read_some();
  std::size_t read_chunk(std::size_t limit);
  void flush();
  void end();

  Loop& loop_;
  Stream stream_;
  FileDescriptor source_;
  OutputListener& listener_;
  OutputSink sink_;
  LogEventCounter counter_;
  std::string unwritten_;
  bool is_sink_watched_ = false;
  std::function<void()> done_;
  Loop::TimerId last_read_ = 0;
};

}  // namespace sockerless::agent
