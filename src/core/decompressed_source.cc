#include "core/decompressed_source.h"

namespace sockerless::core {

Awaitable<void> DecompressedSource::begin() {
  has_begun_ = true;
  while (input_.size() < kLongestMagic) {
    const auto piece = co_await source_->read();
    if (!piece) break;
    input_ += *piece;
  }
  decompressor_ = find_decompressor(std::string_view(input_).substr(0, kLongestMagic));
}

Awaitable<std::optional<std::string>> DecompressedSource::read() {
  if (!has_begun_) co_await begin();
  if (!decompressor_) {
    if (!input_.empty()) co_return std::exchange(input_, {});
    co_return co_await source_->read();
  }
  std::string out;
  for (;;) {
    std::string_view in = std::string_view(input_).substr(taken_);
    decompressor_->step(in, out);
    taken_ = input_.size() - in.size();
    if (!out.empty()) co_return out;
    if (!in.empty()) continue;
    auto piece = co_await source_->read();
    if (!piece) {
      if (!decompressor_->is_complete()) throw Error(ErrorKind::internal, "unexpected EOF");
      co_return std::nullopt;
    }
    input_ = std::move(*piece);
    taken_ = 0;
  }
}

}  // namespace sockerless::core
