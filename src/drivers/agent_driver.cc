#include "drivers/agent_driver.h"

namespace sockerless::drivers {
namespace {

class AgentAttachSession final : public core::AttachSession {
 public:
  explicit AgentAttachSession(std::unique_ptr<agent::StreamSession> session) : session_(std::move(session)) {}

  Awaitable<std::optional<core::OutputPart>> read() override {
    auto output = co_await session_->read();
    if (!output) co_return std::nullopt;
    co_return core::OutputPart{output->stream, std::move(output->bytes)};
  }
  Awaitable<void> write(std::string bytes) override { return session_->write(std::move(bytes)); }
  void close_stdin() override { session_->close_stdin(); }

 private:
  std::unique_ptr<agent::StreamSession> session_;
};

}  // namespace

std::unique_ptr<core::AttachSession> adapt(std::unique_ptr<agent::StreamSession> session) {
  return std::make_unique<AgentAttachSession>(std::move(session));
}

Awaitable<std::unique_ptr<core::AttachSession>> AgentDriver::attach(core::Container container,
                                                                    core::AttachStreams streams) {
  auto session = co_await hub_.open(
      container.id, agent::attach_request(streams.standard_in, streams.standard_out, streams.standard_error));
  co_return adapt(std::move(session));
}

Awaitable<void> AgentDriver::signal(core::Container container, int signal) { return hub_.signal(container.id, signal); }

Awaitable<void> AgentDriver::resize(core::Container container, int rows, int columns) {
  return hub_.resize(container.id, rows, columns);
}

}  // namespace sockerless::drivers
