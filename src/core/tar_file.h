#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/tar.h"

namespace sockerless::core {

// A file being written, of which the SHA-256 is wanted. Removed again unless it is kept. Blocks.
class TarFile {
 public:
  // Throws Error(internal), as the others do.
  explicit TarFile(std::string path);
  ~TarFile();
  TarFile(const TarFile&) = delete;
  TarFile& operator=(const TarFile&) = delete;

  void write(std::string_view bytes);

  // Nothing is written after it.
  std::string digest();  // "sha256:…"

  // Gives the file, if it is whole, its name.
  void keep_as(const std::string& path);

  const std::string& path() const { return path_; }

 private:
  struct Hash;

  std::string path_;
  int fd_;
  bool is_kept_ = false;
  std::unique_ptr<Hash> hash_;
};

struct TarMember {
  TarEntry entry;
  std::int64_t content_offset = 0;  // in the file
  bool is_plain = true;             // the content lies there byte by byte
};

// What is in a tar file. Blocks. Throws Error(internal) in Docker's words for what is no tar.
std::vector<TarMember> list_tar(const std::string& path);

// `size` bytes at the offset, fewer at the end of the file. Blocks. Throws Error(internal).
std::string read_file(const std::string& path, std::int64_t offset, std::size_t size);

}  // namespace sockerless::core
