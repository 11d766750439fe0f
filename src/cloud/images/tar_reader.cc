#include "cloud/images/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sockerless::cloud {
namespace {

constexpr std::size_t kReadSize = 128 * 1024;

}  // namespace

void TarReader::Deleter::operator()(archive* reader) const { archive_read_free(reader); }

TarReader::TarReader(const std::string& path)
    : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), reader_(archive_read_new()) {
  archive_read_support_filter_gzip(reader_.get());
  archive_read_support_filter_zstd(reader_.get());
  archive_read_support_format_tar(reader_.get());
  if (archive_read_open_filename(reader_.get(), path.c_str(), kReadSize) != ARCHIVE_OK) {
    const Error error(ErrorKind::internal, archive_error_string(reader_.get()));
    if (utf8_ != nullptr) ::freelocale(utf8_);
    throw error;
  }
  if (utf8_ != nullptr) before_ = ::uselocale(utf8_);
}

TarReader::~TarReader() {
  if (utf8_ == nullptr) return;
  ::uselocale(before_);
  ::freelocale(utf8_);
}

archive_entry* TarReader::next() {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(reader_.get(), &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  if (result < ARCHIVE_WARN) {
    throw Error(ErrorKind::internal, fmt::format("cannot read the archive: {}", archive_error_string(reader_.get())));
  }
  return entry;
}

std::string name_in_archive(const char* name) {
  if (name == nullptr) throw Error(ErrorKind::invalid_argument, "entry without a name");
  std::vector<std::string_view> parts;
  std::string_view rest = name;
  while (!rest.empty()) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty()) throw Error(ErrorKind::invalid_argument, fmt::format("{}: name leads out of the layer", name));
    parts.pop_back();
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

}  // namespace sockerless::cloud
