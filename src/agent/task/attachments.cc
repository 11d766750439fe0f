#include "agent/task/attachments.h"

#include <algorithm>
#include <array>
#include <string>

namespace sockerless::agent {

// One client's session. Output that the daemon has no room for waits here and holds the command.
class Attachments::Attach final : public TaskSession {
 public:
  Attach(Attachments& owner, SessionPort& port, const AttachParameters& parameters)
      : owner_(owner), port_(port), id_(port.id()), parameters_(parameters) {
    owner_.attaches_.push_back(this);
    port_.opened();
    finish_if_drained();
  }

  ~Attach() override {
    end_input();
    std::erase(owner_.attaches_, this);
    owner_.released_();
  }

  std::uint32_t id() const { return id_; }

  bool data(std::string_view bytes) override {
    if (!parameters_.standard_in) return false;
    if (owner_.mode_ == StandardInput::none) {
      consumed(static_cast<std::uint32_t>(bytes.size()));
    } else {
      owner_.standard_in_.write(id_, bytes);
    }
    return true;
  }

  void input_ended() override { end_input(); }

  void consumed(std::uint32_t bytes) { port_.consumed(bytes); }

  void room(Stream stream) override {
    flush(stream);
    finish_if_drained();
    owner_.released_();
  }

  bool has_unsent() const override { return is_holding(Stream::standard_out) || is_holding(Stream::standard_error); }
  bool is_holding(Stream stream) const { return !pending_[index(stream)].empty(); }

  void deliver(Stream stream, std::string_view bytes) {
    if (port_.is_over() || !wants(stream)) return;
    pending_[index(stream)].append(bytes);
    flush(stream);
  }

  void finish_if_drained() {
    if (!owner_.exit_code_ || has_unsent()) return;
    for (const Stream stream : {Stream::standard_out, Stream::standard_error}) {
      if (wants(stream)) port_.end(stream);
    }
    port_.close(*owner_.exit_code_);
  }

 private:
  static std::size_t index(Stream stream) { return stream == Stream::standard_error ? 1 : 0; }

  bool wants(Stream stream) const {
    return stream == Stream::standard_error ? parameters_.standard_error : parameters_.standard_out;
  }

  void flush(Stream stream) {
    std::string& pending = pending_[index(stream)];
    pending.erase(0, port_.send(stream, pending));
  }

  void end_input() {
    if (!parameters_.standard_in || is_input_ended_) return;
    is_input_ended_ = true;
    if (owner_.mode_ == StandardInput::once) owner_.standard_in_.close_after_writes();
  }

  Attachments& owner_;
  SessionPort& port_;
  std::uint32_t id_;
  AttachParameters parameters_;
  bool is_input_ended_ = false;
  std::array<std::string, 2> pending_;
};

Attachments::Attachments(Loop& loop, StandardInput standard_input, std::function<void()> released)
    : mode_(standard_input),
      released_(std::move(released)),
      standard_in_(loop, [this](std::uint32_t session, std::uint32_t bytes) { input_consumed(session, bytes); }) {}

std::unique_ptr<TaskSession> Attachments::open(SessionPort& port, const AttachParameters& parameters) {
  return std::make_unique<Attach>(*this, port, parameters);
}

void Attachments::deliver(Stream stream, std::string_view bytes) {
  for (Attach* attach : attaches_) attach->deliver(stream, bytes);
}

bool Attachments::is_holding(Stream stream) const {
  return std::any_of(attaches_.begin(), attaches_.end(),
                     [stream](const Attach* attach) { return attach->is_holding(stream); });
}

void Attachments::command_finished(int exit_code) {
  exit_code_ = exit_code;
  for (Attach* attach : attaches_) attach->finish_if_drained();
}

void Attachments::input_consumed(std::uint32_t session, std::uint32_t bytes) {
  for (Attach* attach : attaches_) {
    if (attach->id() == session) attach->consumed(bytes);
  }  // none: its client has gone; the command still gets its input
}

}  // namespace sockerless::agent
