#pragma once

#include <locale.h>

#include <memory>
#include <string>

struct archive;
struct archive_entry;

namespace sockerless::cloud {

// Reads a tar archive (plain, gzip or zstd) from a file, entry by entry. Names are bytes, in practice
// UTF-8: until its end the calling thread has a locale in which libarchive leaves them as they are.
// Throws Error(internal) that says what is wrong with the archive.
class TarReader {
 public:
  explicit TarReader(const std::string& path);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  // Null at the end. The entry is good until the next one.
  archive_entry* next();

  // For the entry's data.
  archive* source() const { return reader_.get(); }

 private:
  struct Deleter {
    void operator()(archive* reader) const;
  };

  locale_t utf8_;
  locale_t before_ = nullptr;
  std::unique_ptr<archive, Deleter> reader_;
};

// The name without ".", ".." and slashes at its ends; "" for the root itself. Throws
// Error(invalid_argument) for a name that leads out of the archive, or none (null).
std::string name_in_archive(const char* name);

}  // namespace sockerless::cloud
