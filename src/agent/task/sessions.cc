#include "agent/task/sessions.h"

#include <algorithm>
#include <utility>

namespace sockerless::agent {

void Sessions::link_up(Link& link) {
  link_ = &link;
  last_id_ = 0;
}

void Sessions::link_down() {
  link_ = nullptr;
  ++generation_;
  // Out of the table first: what a session's destructor calls must not find it.
  const auto ended = std::exchange(live_, {});
}

bool Sessions::take(const Frame& frame) {
  if (const auto* opening = std::get_if<Open>(&frame)) return open(*opening);
  if (const auto* data = std::get_if<Data>(&frame)) return data_received(*data);
  if (const auto* end = std::get_if<EndOfStream>(&frame)) return input_ended(*end);
  if (const auto* credit = std::get_if<Credit>(&frame)) return credit_received(*credit);
  const auto* close = std::get_if<Close>(&frame);
  return close != nullptr && closed(*close);
}

bool Sessions::open(const Open& frame) {
  if (frame.session <= last_id_) return false;
  last_id_ = frame.session;
  Live& live = live_[frame.session];
  live.port = std::make_unique<SessionPort>(frame.session, *link_, [this, id = frame.session] { erase_later(id); });
  return make_session(frame, services_, *live.port, live.session);
}

void Sessions::erase_later(std::uint32_t id) {
  services_.loop.defer([this, id, generation = generation_] {
    if (generation != generation_) return;
    const auto ended = live_.extract(id);
  });
}

Sessions::Live* Sessions::find(std::uint32_t id) {
  const auto found = live_.find(id);
  return found == live_.end() || found->second.port->is_over() ? nullptr : &found->second;
}

bool Sessions::data_received(const Data& frame) {
  if (frame.stream != Stream::standard_in || frame.session > last_id_) return false;
  Live* live = find(frame.session);
  if (live == nullptr) return true;
  SessionPort& port = *live->port;
  if (port.is_input_ended_ || !port.input_.receive(static_cast<std::uint32_t>(frame.bytes.size()))) return false;
  return live->session->data(frame.bytes);
}

bool Sessions::input_ended(const EndOfStream& frame) {
  if (frame.stream != Stream::standard_in || frame.session > last_id_) return false;
  Live* live = find(frame.session);
  if (live == nullptr) return true;
  if (std::exchange(live->port->is_input_ended_, true)) return false;
  live->session->input_ended();
  return true;
}

bool Sessions::credit_received(const Credit& frame) {
  if (frame.stream == Stream::standard_in || frame.session > last_id_) return false;
  Live* live = find(frame.session);
  if (live == nullptr) return true;
  if (!live->port->window(frame.stream).grant(frame.bytes)) return false;
  live->session->room(frame.stream);
  return true;
}

bool Sessions::closed(const Close& frame) {
  if (frame.session > last_id_) return false;
  const auto ended = live_.extract(frame.session);
  return true;
}

bool Sessions::is_drained() const {
  return std::none_of(live_.begin(), live_.end(),
                      [](const auto& entry) { return entry.second.session && entry.second.session->has_unsent(); });
}

}  // namespace sockerless::agent
