#include "agent/task/session.h"

#include <algorithm>
#include <utility>

#include "agent/task/link.h"

namespace sockerless::agent {

SessionPort::SessionPort(std::uint32_t id, Link& link, std::function<void()> over)
    : id_(id), link_(link), over_(std::move(over)) {}

void SessionPort::opened(std::string_view parameters) {
  if (!is_over_) link_.send(Opened{.session = id_, .parameters = parameters});
}

std::size_t SessionPort::send(Stream stream, std::string_view bytes) {
  if (is_over_) return bytes.size();
  const std::size_t total = std::min<std::size_t>(bytes.size(), window(stream).available());
  window(stream).consume(static_cast<std::uint32_t>(total));
  if (total > 0) link_.send_data(id_, stream, bytes.substr(0, total));
  return total;
}

void SessionPort::end(Stream stream) {
  if (!is_over_) link_.send(EndOfStream{.session = id_, .stream = stream});
}

void SessionPort::consumed(std::uint32_t bytes) {
  if (is_over_) return;
  const std::uint32_t grant = input_.release(bytes);
  if (grant > 0) link_.send(Credit{.session = id_, .stream = Stream::standard_in, .bytes = grant});
}

void SessionPort::close(int result) {
  if (is_over_) return;
  link_.send(Close{.session = id_, .result = result});
  finish();
}

void SessionPort::fail(int error_number, std::string_view text) {
  if (is_over_) return;
  link_.send(SessionError{.session = id_, .error_number = static_cast<std::uint32_t>(error_number), .text = text});
  finish();
}

void SessionPort::finish() {
  is_over_ = true;
  over_();
}

}  // namespace sockerless::agent
