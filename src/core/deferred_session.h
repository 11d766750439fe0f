#pragma once

#include <memory>
#include <string>

#include "base/event.h"
#include "core/driver.h"

namespace sockerless::core {

// The session of a client that attached before its container was started: waits until the launch
// brings the real one, then is nothing but that.
class DeferredSession final : public AttachSession {
 public:
  explicit DeferredSession(AttachStreams streams) : streams_(streams) {}

  AttachStreams streams() const { return streams_; }

  // The real session; null if the launch came to nothing, which ends this one.
  void provide(std::unique_ptr<AttachSession> session);

  Awaitable<std::optional<OutputPart>> read() override;
  Awaitable<void> write(std::string bytes) override;
  void close_stdin() override;

 private:
  AttachStreams streams_;
  Event provided_;
  bool stdin_closed_ = false;
  std::unique_ptr<AttachSession> session_;
};

}  // namespace sockerless::core
