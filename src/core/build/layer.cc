#include "core/build/layer.h"

#include <utility>

namespace sockerless::core::build {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

struct Position {
  std::size_t node = 0;
  std::int64_t at = -1;
};

// Appends a piece of the tar and returns what comes next. Blocks.
std::pair<std::string, Position> next_piece(const Layer& layer, Position position) {
  std::string bytes;
  while (position.node < layer.size() && bytes.size() < kPiece) {
    const Node& node = layer[position.node];
    if (position.at < 0) {
      append_tar_header(bytes, node.entry);
      position.at = 0;
    }
    const std::string content = node.read(position.at, kPiece);
    bytes += content;
    position.at += static_cast<std::int64_t>(content.size());
    if (position.at < node.entry.size) continue;
    bytes.append(tar_padding(node.entry.size), '\0');
    position = {position.node + 1, -1};
  }
  return {std::move(bytes), position};
}

}  // namespace

std::int64_t size_of(const Layer& layer) {
  std::int64_t size = 0;
  for (const Node& node : layer) size += node.entry.size;
  return size;
}

Awaitable<std::optional<std::string>> LayerSource::read() {
  if (is_ended_) co_return std::nullopt;
  if (node_ == layer_->size()) {
    is_ended_ = true;
    co_return std::string(kTarEnd, '\0');
  }
  auto [bytes, next] =
      co_await workers_.run([layer = layer_, position = Position{node_, at_}] { return next_piece(*layer, position); });
  node_ = next.node;
  at_ = next.at;
  co_return std::move(bytes);
}

}  // namespace sockerless::core::build
