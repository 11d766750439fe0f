#include "agent/task/tls.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sockerless::agent {

namespace {

// Where distributions keep the certificates that they trust.
constexpr const char* kStores[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                   "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                   "/etc/ssl/cert.pem"};

constexpr std::size_t kMaxRecord = 16 * 1024;

std::string describe(int error) {
  char text[128] = "";
  mbedtls_strerror(error, text, sizeof text);
  return text;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(FileDescriptor socket, const TlsSettings& settings);
  ~TlsTransport() override;

  State connect() override;
  std::size_t read(char* data, std::size_t size) override;
  std::size_t write(std::string_view bytes) override;
  int fd() const override { return socket_.fd(); }
  std::uint32_t events_when_blocked() const override { return blocked_events_; }

 private:
  bool load_authorities(const std::string& authorities);
  void set_up(const TlsSettings& settings);
  std::size_t moved(int result);
  std::string handshake_error(int result) const;

  static int send_bytes(void* self, const unsigned char* data, std::size_t size);
  static int receive_bytes(void* self, unsigned char* data, std::size_t size);

  SocketTransport socket_;
  std::uint32_t blocked_events_ = 0;
  std::size_t blocked_write_ = 0;
  mbedtls_ssl_context ssl_;
  mbedtls_ssl_config config_;
  mbedtls_x509_crt authorities_;
  mbedtls_ctr_drbg_context random_;
  mbedtls_entropy_context entropy_;
};

TlsTransport::TlsTransport(FileDescriptor socket, const TlsSettings& settings) : socket_(std::move(socket)) {
  mbedtls_ssl_init(&ssl_);
  mbedtls_ssl_config_init(&config_);
  mbedtls_x509_crt_init(&authorities_);
  mbedtls_ctr_drbg_init(&random_);
  mbedtls_entropy_init(&entropy_);
  set_up(settings);
}

TlsTransport::~TlsTransport() {
  if (state_ != State::failed) mbedtls_ssl_close_notify(&ssl_);
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_config_free(&config_);
  mbedtls_x509_crt_free(&authorities_);
  mbedtls_ctr_drbg_free(&random_);
  mbedtls_entropy_free(&entropy_);
}

bool TlsTransport::load_authorities(const std::string& authorities) {
  if (authorities.find("-----BEGIN") != std::string::npos) {
    const auto* pem = reinterpret_cast<const unsigned char*>(authorities.c_str());
    const int result = mbedtls_x509_crt_parse(&authorities_, pem, authorities.size() + 1);
    if (result != 0) fail("SOCKERLESS_AGENT_CA holds no usable certificate: " + describe(result));
    return result == 0;
  }
  if (!authorities.empty()) {
    const int result = mbedtls_x509_crt_parse_file(&authorities_, authorities.c_str());
    if (result != 0) fail("certificates in " + authorities + " cannot be used: " + describe(result));
    return result == 0;
  }
  for (const char* store : kStores) {
    // A positive result counts certificates of a kind that this library does not know.
    if (access(store, R_OK) == 0 && mbedtls_x509_crt_parse_file(&authorities_, store) >= 0) return true;
  }
  fail("the image has no store of trusted certificates; set SOCKERLESS_AGENT_CA");
  return false;
}

void TlsTransport::set_up(const TlsSettings& settings) {
  if (!load_authorities(settings.certificate_authorities)) return;
  int result = mbedtls_ctr_drbg_seed(&random_, mbedtls_entropy_func, &entropy_, nullptr, 0);
  if (result == 0) {
    result = mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                         MBEDTLS_SSL_PRESET_DEFAULT);
  }
  mbedtls_ssl_conf_min_version(&config_, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(&config_, &authorities_, nullptr);
  mbedtls_ssl_conf_rng(&config_, mbedtls_ctr_drbg_random, &random_);
  if (result == 0) result = mbedtls_ssl_setup(&ssl_, &config_);
  if (result == 0) result = mbedtls_ssl_set_hostname(&ssl_, settings.server_name.c_str());
  if (result != 0) {
    fail("TLS: " + describe(result));
    return;
  }
  mbedtls_ssl_set_bio(&ssl_, this, send_bytes, receive_bytes, nullptr);
}

int TlsTransport::send_bytes(void* self, const unsigned char* data, std::size_t size) {
  SocketTransport& socket = static_cast<TlsTransport*>(self)->socket_;
  const std::size_t count = socket.write({reinterpret_cast<const char*>(data), size});
  if (count > 0) return static_cast<int>(count);
  return socket.state() == State::blocked ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_CONN_EOF;
}

int TlsTransport::receive_bytes(void* self, unsigned char* data, std::size_t size) {
  SocketTransport& socket = static_cast<TlsTransport*>(self)->socket_;
  const std::size_t count = socket.read(reinterpret_cast<char*>(data), size);
  if (count > 0) return static_cast<int>(count);
  return socket.state() == State::blocked ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

std::string TlsTransport::handshake_error(int result) const {
  const std::uint32_t flags = mbedtls_ssl_get_verify_result(&ssl_);
  if (result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) return "TLS handshake: " + describe(result);
  char text[256] = "";
  mbedtls_x509_crt_verify_info(text, sizeof text, "", flags);
  std::string reason(text);
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  return "the daemon's certificate is not trusted: " + reason;
}

Transport::State TlsTransport::connect() {
  if (state_ == State::failed) return state_;
  const int result = mbedtls_ssl_handshake(&ssl_);
  if (result == 0) {
    blocked_events_ = 0;
    return state_ = State::ready;
  }
  moved(result);
  if (state_ == State::failed) error_ = handshake_error(result);
  return state_;
}

std::size_t TlsTransport::read(char* data, std::size_t size) {
  return moved(mbedtls_ssl_read(&ssl_, reinterpret_cast<unsigned char*>(data), size));
}

// A write that blocked must be repeated with the size that it had: its record is already made.
std::size_t TlsTransport::write(std::string_view bytes) {
  const std::size_t size = blocked_write_ > 0 ? blocked_write_ : std::min(bytes.size(), kMaxRecord);
  const std::size_t count = moved(mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(bytes.data()), size));
  blocked_write_ = state_ == State::blocked ? size : 0;
  return count;
}

std::size_t TlsTransport::moved(int result) {
  if (result > 0) {
    state_ = State::ready;
    blocked_events_ = 0;
    return static_cast<std::size_t>(result);
  }
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) {
    state_ = State::blocked;
    blocked_events_ = result == MBEDTLS_ERR_SSL_WANT_READ ? EPOLLIN : EPOLLOUT;
    return 0;
  }
  const bool is_end = result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || result == MBEDTLS_ERR_SSL_CONN_EOF;
  return fail(is_end ? "the peer closed the connection" : "TLS: " + describe(result));
}

}  // namespace

std::unique_ptr<Transport> make_tls_transport(FileDescriptor socket, const TlsSettings& settings) {
  return std::make_unique<TlsTransport>(std::move(socket), settings);
}

}  // namespace sockerless::agent
