#include "agent/task/tls.h"

#include <utility>

namespace sockerless::agent {

namespace {

// Never becomes ready: this build of the agent has no TLS.
class NoTransport final : public Transport {
 public:
  explicit NoTransport(FileDescriptor socket) : socket_(std::move(socket)) {}

  State connect() override {
    fail(
        "this build of the agent has no TLS: give the daemon a callback URL with http, or use sockerless-agent on "
        "glibc");
    return state_;
  }
  std::size_t read(char*, std::size_t) override { return 0; }
  std::size_t write(std::string_view) override { return 0; }
  int fd() const override { return socket_.get(); }

 private:
  FileDescriptor socket_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(FileDescriptor socket, const TlsSettings&) {
  return std::make_unique<NoTransport>(std::move(socket));
}

}  // namespace sockerless::agent
