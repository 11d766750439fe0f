#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "cloud/images/descriptor.h"

namespace sockerless::cloud {

// An image that came from an archive, under one name. Its documents and layers are in the image store.
struct ImportedImage {
  std::string reference;            // the whole name, "docker.io/library/app:1"
  std::string digest;               // of the manifest
  std::string config;               // digest of the configuration
  std::vector<std::string> layers;  // digests, lowest first
  std::int64_t bytes = 0;           // that the layers occupy
  std::string imported;             // when, RFC 3339

  static constexpr auto fields() {
    return std::tuple{
        json::field("reference", &ImportedImage::reference), json::field("digest", &ImportedImage::digest),
        json::field("config", &ImportedImage::config),       json::field("layers", &ImportedImage::layers),
        json::field("bytes", &ImportedImage::bytes),         json::field("imported", &ImportedImage::imported)};
  }
};

// Which names mean imported images: a file for each, below the folder of an image store. Any process
// may read at any time; who writes, or counts on layers that no name holds yet, has the lock.
class ImportedImages {
 public:
  explicit ImportedImages(const std::string& store_folder);

  // By the whole name. Throws Error(internal) if the record is damaged.
  std::optional<ImportedImage> find(std::string_view reference) const;
  std::vector<ImportedImage> list() const;  // by name

  void put(const ImportedImage& image);
  void remove(std::string_view reference);

  Descriptor lock(IfLocked if_locked) const;

 private:
  std::string path_of(std::string_view reference) const;

  std::string store_folder_;
};

}  // namespace sockerless::cloud
