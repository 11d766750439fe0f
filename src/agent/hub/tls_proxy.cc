#include "agent/hub/tls_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sockerless::agent {

namespace {

constexpr int kPollInterval = 50;  // ms between looks at the order to stop

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t count = send(socket, data, size, MSG_NOSIGNAL);
    if (count <= 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

// One piece in each direction that has one; false at the end of either.
bool pass_on(SSL* tls, int client, int target) {
  std::array<char, 16 * 1024> buffer;
  std::array<pollfd, 2> waiting{pollfd{client, POLLIN, 0}, pollfd{target, POLLIN, 0}};
  const bool has_pending = SSL_pending(tls) > 0;
  poll(waiting.data(), waiting.size(), has_pending ? 0 : kPollInterval);
  if (has_pending || waiting[0].revents != 0) {
    const int count = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0 || !send_all(target, buffer.data(), static_cast<std::size_t>(count))) return false;
  }
  if (waiting[1].revents != 0) {
    const ssize_t count = recv(target, buffer.data(), buffer.size(), 0);
    if (count <= 0 || SSL_write(tls, buffer.data(), static_cast<int>(count)) <= 0) return false;
  }
  return true;
}

}  // namespace

TestCertificate::TestCertificate(const std::string& host) {
  char name[] = "/tmp/sockerless-certificate-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + host +
      " -addext subjectAltName=DNS:" + host + " -keyout " + key_file() + " -out " + certificate_file() + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req failed");
}

TestCertificate::~TestCertificate() { std::filesystem::remove_all(folder_); }

std::string TestCertificate::pem() const {
  std::ostringstream text;
  text << std::ifstream(certificate_file()).rdbuf();
  return text.str();
}

TlsProxy::TlsProxy(const TestCertificate& certificate, int target_port)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), target_port_(target_port) {
  SSL_CTX_use_certificate_chain_file(context_.get(), certificate.certificate_file().c_str());
  SSL_CTX_use_PrivateKey_file(context_.get(), certificate.key_file().c_str(), SSL_FILETYPE_PEM);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0) {
    throw std::runtime_error("cannot listen");
  }
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TlsProxy::~TlsProxy() {
  is_stopping_ = true;
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
}

void TlsProxy::accept_all() {
  while (!is_stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, kPollInterval) != 1) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) connections_.emplace_back([this, client] { serve(client); });
  }
}

void TlsProxy::serve(int client) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(tls.get(), client);
  const int target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_port_);
  if (SSL_accept(tls.get()) != 1) {
    ++failed_handshakes_;
  } else if (connect(target, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    while (!is_stopping_ && pass_on(tls.get(), client, target)) {
    }
  }
  close(target);
  close(client);
}

}  // namespace sockerless::agent
