#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "cloud/images/layer.h"

namespace sockerless::cloud {

// A tar archive that may hold a saved image, read as often as parts of it are wanted. Parts are taken
// out into a folder, flat, under names of our own. Blocks. Throws Error that names the part and the cause.
class ImageArchive {
 public:
  // Reads the names of all entries. Refuses, by the limits, an archive that claims to be larger unpacked or
  // to have more entries.
  ImageArchive(std::string path, std::string folder, const LayerLimits& limits);

  const std::string& path() const { return path_; }
  // That any part may have.
  std::int64_t most_bytes() const { return most_bytes_; }

  // A file of this name, or a link to one.
  bool has(const std::string& name) const;

  // Takes the files out; once each.
  void take_out(const std::set<std::string>& names);
  // Where a file is that was taken out. Throws Error(invalid_argument) if there is none in the archive.
  std::string file(const std::string& name) const;

  // A document in the archive. Throws Error(too_large) beyond 8 MiB.
  std::string document(const std::string& name);

 private:
  std::string resolved(std::string name) const;

  std::string path_;
  std::string folder_;
  std::int64_t most_bytes_;
  LayerLimits limits_;  // what is left of them
  std::map<std::string, std::int64_t> sizes_;
  std::map<std::string, std::string> links_;  // name → the name that it stands for
  std::map<std::string, std::string> taken_;  // name → path
};

}  // namespace sockerless::cloud
