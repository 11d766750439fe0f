#include "docker/request_tar.h"

#include "core/decompressed_source.h"

namespace sockerless::docker {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

class BodySource final : public core::ByteSource {
 public:
  explicit BodySource(http::Exchange& exchange) : exchange_(exchange) {}

  Awaitable<std::optional<std::string>> read() override {
    std::string piece(kPiece, '\0');
    const std::size_t count = co_await exchange_.read_body_some(asio::buffer(piece));
    if (count == 0) co_return std::nullopt;
    piece.resize(count);
    co_return piece;
  }

 private:
  http::Exchange& exchange_;
};

}  // namespace

std::unique_ptr<core::ByteSource> request_tar(http::Exchange& exchange) {
  return std::make_unique<core::DecompressedSource>(std::make_unique<BodySource>(exchange));
}

Awaitable<void> discard_body(http::Exchange& exchange) {
  std::string piece(kPiece, '\0');
  while (co_await exchange.read_body_some(asio::buffer(piece)) > 0) {
  }
}

}  // namespace sockerless::docker
