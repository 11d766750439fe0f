#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

// A connected byte stream that never blocks: a socket, or TLS over one.
class Transport {
 public:
  enum class State { ready, blocked, failed };

  virtual ~Transport() = default;

  // Carries on until ready(): a TLS handshake; nothing for a plain socket.
  virtual State connect() = 0;

  // Bytes moved; 0 with state() telling whether it would block or is at its end.
  virtual std::size_t read(char* data, std::size_t size) = 0;
  virtual std::size_t write(std::string_view bytes) = 0;

  virtual int fd() const = 0;

  // What to wait for when blocked, besides what the caller wants (TLS may read in order to write).
  virtual std::uint32_t events_when_blocked() const { return 0; }

  State state() const { return state_; }
  const std::string& error() const { return error_; }

 protected:
  std::size_t fail(std::string error);

  State state_ = State::ready;
  std::string error_;
};

class SocketTransport final : public Transport {
 public:
  explicit SocketTransport(FileDescriptor socket);

  State connect() override { return State::ready; }
  std::size_t read(char* data, std::size_t size) override;
  std::size_t write(std::string_view bytes) override;
  int fd() const override { return socket_.get(); }

 private:
  std::size_t moved(ssize_t count, bool is_read);

  FileDescriptor socket_;
};

}  // namespace sockerless::agent
