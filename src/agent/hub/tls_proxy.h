#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sockerless::agent {

// A self-signed certificate in files of its own, for one host name.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& host);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  std::string certificate_file() const { return folder_ + "/certificate.pem"; }
  std::string key_file() const { return folder_ + "/key.pem"; }
  std::string pem() const;

 private:
  std::string folder_;
};

// Stands for the load balancer in front of a daemon: takes TLS on a free loopback port and passes
// plain bytes to another one. In threads of its own, because it blocks.
class TlsProxy {
 public:
  TlsProxy(const TestCertificate& certificate, int target_port);
  ~TlsProxy();
  TlsProxy(const TlsProxy&) = delete;
  TlsProxy& operator=(const TlsProxy&) = delete;

  int port() const { return port_; }
  int failed_handshakes() const { return failed_handshakes_; }

 private:
  void accept_all();
  void serve(int client);

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  int target_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<int> failed_handshakes_ = 0;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace sockerless::agent
