#include "drivers/synthetic_driver.h"

#include <fmt/format.h>

namespace sockerless::drivers {
namespace {

class LogAttachSession final : public core::AttachSession {
 public:
  explicit LogAttachSession(std::unique_ptr<core::LogReader> reader) : reader_(std::move(reader)) {}

  Awaitable<std::optional<core::OutputPart>> read() override {
    auto line = co_await reader_->next();
    if (!line) co_return std::nullopt;
    co_return core::OutputPart{1, line->message + "\n"};
  }
  // There is no way to the process: its input is closed from the start.
  Awaitable<void> write(std::string) override { co_return; }
  void close_stdin() override {}

 private:
  std::unique_ptr<core::LogReader> reader_;
};

Error no_agent(const core::Container& container) {
  return {ErrorKind::conflict, fmt::format("container {} has no agent: its task could not reach the daemon when it "
                                           "started, so signals do not reach it; only stop and kill do",
                                           container.id)};
}

}  // namespace

Awaitable<std::unique_ptr<core::AttachSession>> SyntheticDriver::attach(core::Container container,
                                                                        core::AttachStreams) {
  core::LogOptions options{.follow = true, .tail = 0};
  co_return std::make_unique<LogAttachSession>(containers_->logs(container.id, options));
}

Awaitable<void> SyntheticDriver::signal(core::Container container, int) {
  throw no_agent(container);
  co_return;
}

// A size that nobody sees changes nothing.
Awaitable<void> SyntheticDriver::resize(core::Container, int, int) { co_return; }

}  // namespace sockerless::drivers
