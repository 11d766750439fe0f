#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::cloud {

// What has been pulled, on disk: manifests, indexes and configurations by digest, unpacked layers
// by digest, and which digest a tag named last. Everything appears whole or not at all, also when
// the process is killed. Throws std::system_error when the disk fails.
class ImageStore {
 public:
  // What is being made is in the subfolder `unfinished`, which belongs to this object alone: it removes
  // what an interrupted process has left there.
  explicit ImageStore(std::string folder, const std::string& unfinished = "unfinished");

  std::optional<std::string> find_document(std::string_view digest) const;
  void put_document(std::string_view digest, std::string_view content);

  std::optional<std::string> find_tag(std::string_view reference) const;
  void put_tag(std::string_view reference, std::string_view digest);

  std::string layer_folder(std::string_view digest) const;
  bool has_layer(std::string_view digest) const;
  // Renames an unpacked folder into its place. If another process was faster, its layer stays.
  void put_layer(std::string_view digest, const std::string& unpacked);

  struct StoredLayer {
    std::string folder;
    std::int64_t bytes = 0;
  };
  // The least recently wanted first. Looks into every layer whose size is not on record. Blocks.
  std::vector<StoredLayer> layers() const;
  // Of a layer. Looks into it if its size is not on record. Blocks.
  std::int64_t size_of(const std::string& folder) const;
  // Puts the size of a layer on record. It counts as wanted now.
  void put_size(const std::string& folder, std::int64_t bytes);
  // The layer is wanted now.
  void touch_layer(const std::string& folder);
  // Takes the layer out: where what is to be deleted is now.
  std::string take_layer(const std::string& folder);

  // A name for a file or folder that is being made.
  std::string temporary_path();

 private:
  std::string document_path(std::string_view digest) const;
  std::string tag_path(std::string_view reference) const;
  std::string size_path(const std::string& layer_folder) const;
  void write_whole(const std::string& path, std::string_view content);

  std::string folder_;
  std::string unfinished_;
};

// What the files of a folder occupy on disk. Blocks.
std::int64_t occupied_bytes(const std::string& folder);

}  // namespace sockerless::cloud
