#include "docker/request_tar.h"

#include "base/clock.h"
#include "core/decompressed_source.h"

namespace sockerless::docker {
namespace {

constexpr std::size_t kPiece = 128 * 1024;
constexpr std::size_t kSmallPiece = 8 * 1024;
constexpr auto kPause = std::chrono::milliseconds(1);

// Go sends a tar of small files in writes of a few hundred bytes, each of which would wake everybody between here and
// the file: behind small pieces there is a pause, in which the next one grows. A single one proves nothing: a chunk of
// a large file comes in two writes, of which one is small.
class BodySource final : public core::ByteSource {
 public:
  explicit BodySource(http::Exchange& exchange) : exchange_(exchange) {}

  Awaitable<std::optional<std::string>> read() override {
    if (small_pieces_ > 1 && exchange_.has_body()) co_await pause();
    std::string piece = co_await exchange_.read_body_piece(kPiece);
    if (piece.empty()) co_return std::nullopt;
    small_pieces_ = piece.size() < kSmallPiece ? small_pieces_ + 1 : 0;
    co_return piece;
  }

 private:
  // In the client's time, whatever the daemon's clock says.
  static Awaitable<void> pause() {
    SystemClock clock(co_await asio::this_coro::executor);
    co_await clock.sleep(kPause);
  }

  http::Exchange& exchange_;
  int small_pieces_ = 0;  // in a row
};

}  // namespace

std::unique_ptr<core::ByteSource> request_tar(http::Exchange& exchange) {
  return std::make_unique<core::DecompressedSource>(std::make_unique<BodySource>(exchange));
}

Awaitable<void> discard_body(http::Exchange& exchange) {
  while (!(co_await exchange.read_body_piece(kPiece)).empty()) {
  }
}

}  // namespace sockerless::docker
