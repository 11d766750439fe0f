#include "core/deferred_session.h"

namespace sockerless::core {

void DeferredSession::provide(std::unique_ptr<AttachSession> session) {
  if (provided_.is_set()) return;
  session_ = std::move(session);
  if (session_ && stdin_closed_) session_->close_stdin();
  provided_.set();
}

Awaitable<std::optional<OutputPart>> DeferredSession::read() {
  co_await provided_.wait();
  if (!session_) co_return std::nullopt;
  co_return co_await session_->read();
}

Awaitable<void> DeferredSession::write(std::string bytes) {
  co_await provided_.wait();
  if (session_) co_await session_->write(std::move(bytes));
}

void DeferredSession::close_stdin() {
  stdin_closed_ = true;
  if (session_) session_->close_stdin();
}

}  // namespace sockerless::core
