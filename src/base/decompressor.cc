#include "base/decompressor.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"

namespace sockerless {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::uint64_t kMostMemory = 128 * 1024 * 1024;  // that an xz or zstd window may take
constexpr int kLargestZstdWindow = 27;                    // the same, as a power of two

Error malformed(std::string_view format) {
  return {ErrorKind::invalid_argument, fmt::format("the {} data is malformed", format)};
}

// Gives a library room behind what `out` holds; takes back what it has not used.
class Room {
 public:
  explicit Room(std::string& out) : out_(out), before_(out.size()) { out_.resize(before_ + kPiece); }

  char* data() { return out_.data() + before_; }
  void used(std::size_t size) { out_.resize(before_ + size); }

 private:
  std::string& out_;
  std::size_t before_;
};

class Gzip final : public Decompressor {
 public:
  Gzip() {
    constexpr int kGzipOnly = 16;
    inflateInit2(&stream_, MAX_WBITS + kGzipOnly);
  }
  ~Gzip() override { inflateEnd(&stream_); }

  void step(std::string_view& in, std::string& out) override {
    // Several may follow each other.
    if (is_complete_ && !in.empty()) {
      inflateReset(&stream_);
      is_complete_ = false;
    }
    Room room(out);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = kPiece;
    const int result = is_complete_ ? Z_OK : inflate(&stream_, Z_NO_FLUSH);
    room.used(kPiece - stream_.avail_out);
    in.remove_prefix(in.size() - stream_.avail_in);
    if (result == Z_STREAM_END) is_complete_ = true;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) throw malformed("gzip");
  }
  bool is_complete() const override { return is_complete_; }

 private:
  z_stream stream_{};
  bool is_complete_ = false;
};

class Bzip2 final : public Decompressor {
 public:
  Bzip2() { BZ2_bzDecompressInit(&stream_, 0, 0); }
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

  void step(std::string_view& in, std::string& out) override {
    if (is_complete_ && !in.empty()) {
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      BZ2_bzDecompressInit(&stream_, 0, 0);
      is_complete_ = false;
    }
    if (is_complete_) return;
    Room room(out);
    stream_.next_in = const_cast<char*>(in.data());
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = room.data();
    stream_.avail_out = kPiece;
    const int result = BZ2_bzDecompress(&stream_);
    room.used(kPiece - stream_.avail_out);
    in.remove_prefix(in.size() - stream_.avail_in);
    if (result == BZ_STREAM_END) is_complete_ = true;
    if (result != BZ_OK && result != BZ_STREAM_END) throw malformed("bzip2");
  }
  bool is_complete() const override { return is_complete_; }

 private:
  bz_stream stream_{};
  bool is_complete_ = false;
};

class Xz final : public Decompressor {
 public:
  Xz() {
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) != LZMA_OK) {
      throw Error(ErrorKind::internal, "xz data cannot be read: out of memory");
    }
  }
  ~Xz() override { lzma_end(&stream_); }

  void step(std::string_view& in, std::string& out) override {
    Room room(out);
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
    stream_.avail_out = kPiece;
    const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
    room.used(kPiece - stream_.avail_out);
    in.remove_prefix(in.size() - stream_.avail_in);
    if (result == LZMA_MEMLIMIT_ERROR) {
      throw Error(ErrorKind::invalid_argument, "the xz data needs more than 128 MiB; compress it with -9 at most");
    }
    if (result != LZMA_OK && result != LZMA_BUF_ERROR && result != LZMA_STREAM_END) throw malformed("xz");
  }

  // The decoder takes any number of streams, so only the end of the input can tell.
  bool is_complete() const override {
    lzma_stream copy = stream_;
    copy.next_in = nullptr;
    copy.avail_in = 0;
    std::uint8_t unused = 0;
    copy.next_out = &unused;
    copy.avail_out = 1;
    return lzma_code(&copy, LZMA_FINISH) == LZMA_STREAM_END;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : context_(ZSTD_createDCtx()) { ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kLargestZstdWindow); }
  ~Zstd() override { ZSTD_freeDCtx(context_); }

  void step(std::string_view& in, std::string& out) override {
    Room room(out);
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{room.data(), kPiece, 0};
    const std::size_t result = ZSTD_decompressStream(context_, &output, &input);
    room.used(output.pos);
    in.remove_prefix(input.pos);
    if (ZSTD_isError(result) != 0) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("the zstd data cannot be read: {}", ZSTD_getErrorName(result)));
    }
    if (input.pos > 0 || output.pos > 0) is_complete_ = result == 0;
  }
  bool is_complete() const override { return is_complete_; }

 private:
  ZSTD_DCtx* context_;
  bool is_complete_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> find_decompressor(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b\x08")) return std::make_unique<Gzip>();
  if (first_bytes.starts_with("BZh")) return std::make_unique<Bzip2>();
  if (first_bytes.starts_with(std::string_view("\xfd"
                                               "7zXZ\0",
                                               6)))
    return std::make_unique<Xz>();
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<Zstd>();
  return nullptr;
}

}  // namespace sockerless
