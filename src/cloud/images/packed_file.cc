#include "cloud/images/packed_file.h"

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "cloud/images/digest.h"

namespace sockerless::cloud {
namespace {

constexpr std::size_t kPiece = 128 * 1024;

}  // namespace

std::string packing_of(const std::string& path) {
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  const std::string_view begin(magic, sizeof magic);
  if (begin.starts_with("\x1f\x8b")) return "gzip";
  return begin == "\x28\xb5\x2f\xfd" ? "zstd" : "";
}

std::string digest_of_unpacked(const std::string& path, std::int64_t most_bytes) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_raw(reader.get());
  const auto check = [&](la_ssize_t result) {
    if (result < ARCHIVE_WARN) throw Error(ErrorKind::internal, archive_error_string(reader.get()));
  };
  check(archive_read_open_filename(reader.get(), path.c_str(), kPiece));
  archive_entry* whole = nullptr;
  check(archive_read_next_header(reader.get(), &whole));
  Sha256 hash;
  std::string piece(kPiece, '\0');
  for (;;) {
    const la_ssize_t size = archive_read_data(reader.get(), piece.data(), piece.size());
    check(size);
    if (size <= 0) return hash.digest();
    most_bytes -= size;
    if (most_bytes < 0) throw Error(ErrorKind::too_large, "the archive is too large: no space left on device");
    hash.add({piece.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace sockerless::cloud
