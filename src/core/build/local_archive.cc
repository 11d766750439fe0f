#include "core/build/local_archive.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/decompressor.h"
#include "base/error.h"
#include "base/id.h"

namespace sockerless::core::build {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// A file that is removed again; whoever has it open reads on.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& folder) : path_(folder + "/" + random_hex(8)), out_(path_) {}
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view bytes) {
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out_) fail();
  }
  void close() {
    out_.close();
    if (!out_) fail();
  }
  const std::string& path() const { return path_; }

 private:
  [[noreturn]] void fail() const {
    throw Error(ErrorKind::internal, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }

  std::string path_;
  std::ofstream out_;
};

void decompress(const Node& node, Decompressor& decompressor, TemporaryFile& file, std::int64_t limit) {
  std::int64_t size = 0;
  for (std::int64_t at = 0; at < node.entry.size;) {
    const std::string packed = node.read(at, kPiece);
    at += static_cast<std::int64_t>(packed.size());
    std::string_view in = packed;
    for (;;) {
      const std::size_t before = in.size();
      std::string plain;
      decompressor.step(in, plain);
      if (plain.empty() && in.size() == before) break;
      size += static_cast<std::int64_t>(plain.size());
      if (size > limit) {
        throw Error(ErrorKind::too_large, fmt::format("the archive {} has more than {} bytes; add its files instead",
                                                      node.entry.name, limit));
      }
      file.write(plain);
    }
    if (decompressor.is_complete() && !in.empty()) break;
  }
  if (!decompressor.is_complete()) throw Error(ErrorKind::invalid_argument, "unexpected EOF");
}

}  // namespace

std::optional<FileTree> read_local_archive(const Node& node, const std::string& folder, std::int64_t limit) {
  if (node.entry.type != TarType::file || node.entry.size == 0) return std::nullopt;
  const auto decompressor = find_decompressor(node.read(0, kLongestMagic));
  if (!decompressor && !is_tar(node.read(0, kTarBlock))) return std::nullopt;
  TemporaryFile file(folder);
  if (decompressor) {
    decompress(node, *decompressor, file, limit);
  } else {
    for (std::int64_t at = 0; at < node.entry.size; at += static_cast<std::int64_t>(kPiece)) {
      file.write(node.read(at, kPiece));
    }
  }
  file.close();
  if (!is_tar(SourceFile(file.path()).read(0, kTarBlock))) return std::nullopt;
  return read_tree(file.path());
}

}  // namespace sockerless::core::build
