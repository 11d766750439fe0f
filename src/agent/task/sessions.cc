#include "agent/task/sessions.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace sockerless::agent {

Sessions::Sessions(Loop& loop, CommandControl& control, StandardInput standard_input, std::function<void()> released)
    : control_(control),
      mode_(standard_input),
      released_(std::move(released)),
      standard_in_(loop, [this](std::uint32_t session, std::uint32_t bytes) { input_consumed(session, bytes); }) {}

bool Sessions::Attach::wants(Stream stream) const {
  switch (stream) {
    case Stream::standard_in: return parameters.standard_in;
    case Stream::standard_out: return parameters.standard_out;
    case Stream::standard_error: return parameters.standard_error;
  }
  return false;
}

void Sessions::link_up(Link& link) {
  link_ = &link;
  last_id_ = 0;
}

void Sessions::link_down() {
  link_ = nullptr;
  for (auto& [id, attach] : attaches_) end_input(attach);
  attaches_.clear();
  released_();
}

bool Sessions::take(const Frame& frame) {
  if (const auto* opening = std::get_if<Open>(&frame)) return open(*opening);
  if (const auto* data = std::get_if<Data>(&frame)) return data_received(*data);
  if (const auto* end = std::get_if<EndOfStream>(&frame)) return input_ended(*end);
  if (const auto* credit = std::get_if<Credit>(&frame)) return credit_received(*credit);
  const auto* close = std::get_if<Close>(&frame);
  if (close == nullptr || close->session > last_id_) return false;
  if (const auto found = attaches_.find(close->session); found != attaches_.end()) {
    end_input(found->second);
    attaches_.erase(found);
    released_();
  }
  return true;
}

bool Sessions::open(const Open& frame) {
  if (frame.session <= last_id_) return false;
  last_id_ = frame.session;
  switch (frame.kind) {
    case SessionKind::attach: return open_attach(frame);
    case SessionKind::signal: return open_signal(frame);
    case SessionKind::resize: return open_resize(frame);
    default: break;
  }
  link_->send(SessionError{.session = frame.session,
                           .error_number = ENOSYS,
                           .text = "this version of the agent has no such kind of session"});
  return true;
}

bool Sessions::open_attach(const Open& frame) {
  const auto parameters = decode_attach(frame.parameters);
  if (!parameters) return false;
  attaches_[frame.session].parameters = *parameters;
  link_->send(Opened{.session = frame.session, .parameters = {}});
  finish_if_drained(frame.session);
  return true;
}

bool Sessions::open_signal(const Open& frame) {
  const auto parameters = decode_signal(frame.parameters);
  if (!parameters) return false;
  const int error = parameters->target == 0 ? control_.send_signal(static_cast<int>(parameters->signal)) : ESRCH;
  finish_control(frame.session, error, "signal");
  return true;
}

bool Sessions::open_resize(const Open& frame) {
  const auto parameters = decode_resize(frame.parameters);
  if (!parameters) return false;
  const int error = parameters->target == 0 ? control_.resize(parameters->rows, parameters->columns) : ESRCH;
  finish_control(frame.session, error, "resize");
  return true;
}

void Sessions::finish_control(std::uint32_t session, int error_number, std::string_view what) {
  if (error_number == 0) {
    link_->send(Close{.session = session, .result = 0});
    return;
  }
  const std::string text = std::string(what) + ": " + strerror(error_number);
  link_->send(SessionError{.session = session, .error_number = static_cast<std::uint32_t>(error_number), .text = text});
}

// Frames of a session that has just ended here may still be under way: they are ignored.
bool Sessions::data_received(const Data& frame) {
  if (frame.stream != Stream::standard_in || frame.session > last_id_) return false;
  const auto found = attaches_.find(frame.session);
  if (found == attaches_.end()) return true;
  Attach& attach = found->second;
  const auto size = static_cast<std::uint32_t>(frame.bytes.size());
  if (!attach.parameters.standard_in || attach.is_input_ended || !attach.input.receive(size)) return false;
  if (mode_ == StandardInput::none) {
    input_consumed(frame.session, size);
  } else {
    standard_in_.write(frame.session, frame.bytes);
  }
  return true;
}

bool Sessions::input_ended(const EndOfStream& frame) {
  if (frame.stream != Stream::standard_in || frame.session > last_id_) return false;
  const auto found = attaches_.find(frame.session);
  if (found != attaches_.end()) end_input(found->second);
  return true;
}

void Sessions::end_input(Attach& attach) {
  if (!attach.parameters.standard_in || attach.is_input_ended) return;
  attach.is_input_ended = true;
  if (mode_ == StandardInput::once) standard_in_.close_after_writes();
}

void Sessions::input_consumed(std::uint32_t session, std::uint32_t bytes) {
  const auto found = attaches_.find(session);
  if (found == attaches_.end()) return;  // its client has gone; the command still gets its input
  const std::uint32_t grant = found->second.input.release(bytes);
  if (grant > 0) link_->send(Credit{.session = session, .stream = Stream::standard_in, .bytes = grant});
}

bool Sessions::credit_received(const Credit& frame) {
  if (frame.stream == Stream::standard_in || frame.session > last_id_) return false;
  const auto found = attaches_.find(frame.session);
  if (found == attaches_.end()) return true;
  if (!found->second.output(frame.stream).window.grant(frame.bytes)) return false;
  flush(frame.session, found->second, frame.stream);
  finish_if_drained(frame.session);
  released_();
  return true;
}

void Sessions::deliver(Stream stream, std::string_view bytes) {
  for (auto& [id, attach] : attaches_) {
    if (!attach.wants(stream)) continue;
    attach.output(stream).pending.append(bytes);
    flush(id, attach, stream);
  }
}

void Sessions::flush(std::uint32_t id, Attach& attach, Stream stream) {
  Output& output = attach.output(stream);
  const std::size_t size = std::min<std::size_t>(output.pending.size(), output.window.available());
  if (size == 0) return;
  output.window.consume(static_cast<std::uint32_t>(size));
  link_->send_data(id, stream, std::string_view(output.pending).substr(0, size));
  output.pending.erase(0, size);
}

bool Sessions::is_holding(Stream stream) const {
  return std::any_of(attaches_.begin(), attaches_.end(),
                     [&](const auto& entry) { return !entry.second.output(stream).pending.empty(); });
}

bool Sessions::is_drained() const { return !is_holding(Stream::standard_out) && !is_holding(Stream::standard_error); }

void Sessions::command_finished(int exit_code) {
  exit_code_ = exit_code;
  std::vector<std::uint32_t> ids;
  for (const auto& [id, attach] : attaches_) ids.push_back(id);
  for (const std::uint32_t id : ids) finish_if_drained(id);
}

void Sessions::finish_if_drained(std::uint32_t id) {
  const auto found = attaches_.find(id);
  if (!exit_code_ || found == attaches_.end()) return;
  const Attach& attach = found->second;
  if (!attach.outputs[0].pending.empty() || !attach.outputs[1].pending.empty()) return;
  for (const Stream stream : {Stream::standard_out, Stream::standard_error}) {
    if (attach.wants(stream)) link_->send(EndOfStream{.session = id, .stream = stream});
  }
  link_->send(Close{.session = id, .result = *exit_code_});
  attaches_.erase(found);
}

}  // namespace sockerless::agent
