#include "http/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/event.h"

namespace sockerless::http {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// The oldest error of OpenSSL's queue, and empties the queue.
unsigned long take_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  return code;
}

[[noreturn]] void refuse(const std::string& file, std::string_view what) {
  const unsigned long code = take_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  throw Error(ErrorKind::invalid_argument,
              fmt::format("{} {}: {}", what, file, reason == nullptr ? "unknown error" : reason));
}

boost::system::system_error tls_failure() {
  const unsigned long code = take_error();
  // A connection that ends without TLS's goodbye leaves no error.
  if (code == 0) return boost::system::system_error(asio::error::connection_reset);
  return boost::system::system_error(static_cast<int>(code), asio::error::get_ssl_category());
}

struct Deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// TLS over any connection, between two buffers of OpenSSL's: what comes is fed in, what is to be
// sent is taken out.
class TlsConnection final : public Connection {
 public:
  TlsConnection(std::unique_ptr<Connection> below, SSL_CTX* context)
      : below_(std::move(below)), ssl_(SSL_new(context)) {
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);  // which owns them from here on
    SSL_set_accept_state(ssl_.get());
  }

  Awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    for (;;) {
      ERR_clear_error();
      const int count = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
      const int error = count > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), count);
      co_await flush();
      if (count > 0) co_return static_cast<std::size_t>(count);
      if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (error != SSL_ERROR_WANT_READ) throw tls_failure();
      if (!co_await feed()) throw tls_failure();
    }
  }

  Awaitable<void> write(std::string_view first, std::string_view second) override {
    co_await write_all(first);
    co_await write_all(second);
    co_await flush();
  }

  // TLS closes the sending half by a message. It fits into the socket's buffer, or goes with the
  // next read.
  void shutdown_send() override {
    if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    take_outgoing();
    if (!is_flushing_) unsent_.erase(0, below_->write_now(unsent_));
    if (unsent_.empty() && !is_flushing_) below_->shutdown_send();
  }

  // What the socket has no room for leaves with the next read or write. A record at most: the text is short.
  std::size_t write_now(std::string_view bytes) override {
    if (bytes.empty() || is_flushing_ || !unsent_.empty() || !SSL_is_init_finished(ssl_.get())) return 0;
    ERR_clear_error();
    const int count = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kPiece)));
    if (count <= 0) throw tls_failure();
    take_outgoing();
    unsent_.erase(0, below_->write_now(unsent_));
    return static_cast<std::size_t>(count);
  }
  void cancel() override { below_->cancel(); }
  void close() override { below_->close(); }
  bool is_hung_up() const override { return below_->is_hung_up(); }

 private:
  // False at the end of the stream below.
  Awaitable<bool> feed() {
    const std::size_t count = co_await below_->read_some(asio::buffer(received_));
    if (count == 0) co_return false;
    BIO_write(incoming_, received_.data(), static_cast<int>(count));
    co_return true;
  }

  Awaitable<void> write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      ERR_clear_error();
      const int count = SSL_write(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
      const int error = count > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), count);
      co_await flush();
      if (count > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (error != SSL_ERROR_WANT_READ) {
        throw tls_failure();
      } else if (!co_await feed()) {  // the handshake, before anything was read
        throw tls_failure();
      }
    }
  }

  void take_outgoing() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(outgoing_, &data);
    if (size > 0) unsent_.append(data, static_cast<std::size_t>(size));
    BIO_reset(outgoing_);
  }

  // Reader and writer both produce output; one of them at a time sends it, in order.
  Awaitable<void> flush() {
    take_outgoing();
    for (;;) {
      while (is_flushing_) co_await flushed_.wait();
      if (unsent_.empty()) co_return;
      is_flushing_ = true;
      sending_.clear();
      std::swap(sending_, unsent_);
      std::exception_ptr failure;
      try {
        co_await below_->write(sending_);
      } catch (...) {
        failure = std::current_exception();
      }
      is_flushing_ = false;
      flushed_.pulse();
      if (failure) std::rethrow_exception(failure);
    }
  }

  std::unique_ptr<Connection> below_;
  std::unique_ptr<SSL, Deleter> ssl_;
  BIO* incoming_;
  BIO* outgoing_;
  std::array<char, 16 * 1024> received_;
  std::string unsent_;
  std::string sending_;
  bool is_flushing_ = false;
  Event flushed_;
};

}  // namespace

class TlsServer::Context {
 public:
  explicit Context(const TlsFiles& files) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
      refuse(files.certificate, "cannot use the TLS certificate");
    }
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
      refuse(files.key, "cannot use the TLS key");
    }
    if (SSL_CTX_check_private_key(context) != 1) {
      refuse(files.key, fmt::format("the certificate {} does not belong to the TLS key", files.certificate));
    }
    if (files.client_authorities.empty()) return;
    if (SSL_CTX_load_verify_locations(context, files.client_authorities.c_str(), nullptr) != 1) {
      refuse(files.client_authorities, "cannot use the TLS authorities of clients");
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_authorities.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }

  SSL_CTX* get() const { return context_.get(); }

 private:
  std::unique_ptr<SSL_CTX, Deleter> context_;
};

TlsServer::TlsServer(TlsFiles files) : files_(std::move(files)), context_(std::make_shared<Context>(files_)) {}

TlsServer::~TlsServer() = default;

void TlsServer::reload() { context_ = std::make_shared<Context>(files_); }

std::unique_ptr<Connection> TlsServer::wrap(std::unique_ptr<Connection> below) const {
  return std::make_unique<TlsConnection>(std::move(below), context_->get());
}

}  // namespace sockerless::http
