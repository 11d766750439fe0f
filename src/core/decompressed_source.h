#pragma once

#include <memory>

#include "base/decompressor.h"
#include "core/file_driver.h"

namespace sockerless::core {

// The plain bytes of a source that may be compressed, by gzip, bzip2, xz or zstd; its first bytes
// tell. Throws Error(invalid_argument) for malformed data and Error(internal) for data that is cut
// off, besides what the source throws.
class DecompressedSource final : public ByteSource {
 public:
  explicit DecompressedSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Awaitable<std::optional<std::string>> read() override;

 private:
  Awaitable<void> begin();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Decompressor> decompressor_;
  bool has_begun_ = false;
  std::string input_;
  std::size_t taken_ = 0;  // of the input
};

}  // namespace sockerless::core
