#include "core/tar_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/sha256.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kReadSize = 256 * 1024;

Error cannot(std::string_view what, const std::string& path) {
  return {ErrorKind::internal, fmt::format("cannot {} {}: {}; the daemon's state folder needs room and its permissions",
                                           what, path, std::strerror(errno))};
}

// Closes when it is left.
class ReadableFile {
 public:
  explicit ReadableFile(const std::string& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw cannot("open", path_);
  }
  ~ReadableFile() { ::close(fd_); }
  ReadableFile(const ReadableFile&) = delete;
  ReadableFile& operator=(const ReadableFile&) = delete;

  std::size_t read(char* into, std::size_t size, std::int64_t offset) const {
    const ssize_t count = ::pread(fd_, into, size, offset);
    if (count < 0) throw cannot("read", path_);
    return static_cast<std::size_t>(count);
  }

 private:
  const std::string& path_;
  int fd_;
};

}  // namespace

struct TarFile::Hash {
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

TarFile::TarFile(std::string path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
      hash_(std::make_unique<Hash>()) {
  if (fd_ < 0) throw cannot("create", path_);
  EVP_DigestInit_ex(hash_->context.get(), EVP_sha256(), nullptr);
}

TarFile::~TarFile() {
  ::close(fd_);
  if (!is_kept_) ::unlink(path_.c_str());
}

void TarFile::write(std::string_view bytes) {
  EVP_DigestUpdate(hash_->context.get(), bytes.data(), bytes.size());
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw cannot("write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string TarFile::digest() {
  Sha256Digest digest{};
  EVP_DigestFinal_ex(hash_->context.get(), digest.data(), nullptr);
  return "sha256:" + to_hex(as_text(digest));
}

void TarFile::keep_as(const std::string& path) {
  if (::fdatasync(fd_) != 0) throw cannot("write", path_);
  if (::rename(path_.c_str(), path.c_str()) != 0) throw cannot("create", path);
  is_kept_ = true;
}

std::vector<TarMember> list_tar(const std::string& path) {
  const ReadableFile file(path);
  TarReader reader;
  std::vector<TarMember> members;
  std::string buffer(kReadSize, '\0');
  std::int64_t offset = 0;  // of what is read next
  std::string_view fed;     // the end of it is at `offset`
  for (;;) {
    switch (reader.next()) {
      case TarReader::Event::need_input: {
        const std::int64_t skippable = reader.skippable();
        reader.skipped(skippable);
        offset += skippable;
        const std::size_t count = file.read(buffer.data(), buffer.size(), offset);
        if (count == 0) reader.finish();
        offset += static_cast<std::int64_t>(count);
        fed = std::string_view(buffer).substr(0, count);
        reader.feed(fed);
        break;
      }
      case TarReader::Event::entry: members.push_back({.entry = reader.entry(), .content_offset = -1}); break;
      case TarReader::Event::data:
        if (members.back().content_offset < 0) {
          members.back().content_offset = offset - (fed.data() + fed.size() - reader.data().data());
        }
        break;
      case TarReader::Event::hole: members.back().is_plain = false; break;
      case TarReader::Event::entry_end: break;
      case TarReader::Event::end: return members;
      case TarReader::Event::failed: throw Error(ErrorKind::internal, reader.error());
    }
  }
}

std::string read_file(const std::string& path, std::int64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  bytes.resize(ReadableFile(path).read(bytes.data(), bytes.size(), offset));
  return bytes;
}

}  // namespace sockerless::core
