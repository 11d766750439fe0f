#include "agent/task/statistics_sessions.h"

#include <utility>

#include "agent/task/proc_files.h"

namespace sockerless::agent {

namespace {

// Sends a text as the daemon has room for it, and ends.
class TextSession final : public TaskSession {
 public:
  TextSession(SessionPort& port, std::string text) : port_(port), text_(std::move(text)) { send(); }

  void room(Stream) override { send(); }
  bool has_unsent() const override { return sent_ < text_.size(); }

 private:
  void send() {
    sent_ += port_.send(Stream::standard_out, std::string_view(text_).substr(sent_));
    if (has_unsent()) return;
    port_.end(Stream::standard_out);
    port_.close(0);
  }

  SessionPort& port_;
  std::string text_;
  std::size_t sent_ = 0;
};

}  // namespace

std::unique_ptr<TaskSession> open_top(SessionPort& port) {
  port.opened(encode(machine_facts()));
  std::string records;
  for (const ProcessFacts& process : list_processes()) append(records, process);
  return std::make_unique<TextSession>(port, std::move(records));
}

void answer_stats(SessionPort& port) {
  port.opened(encode(usage_files()));
  port.close(0);
}

}  // namespace sockerless::agent
