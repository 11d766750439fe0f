#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloud/images/image_archive.h"
#include "cloud/images/reference.h"

namespace sockerless::cloud {

// One image out of an archive, its parts checked against the digests by which they name each other.
struct SavedImage {
  struct Layer {
    std::string digest;
    std::string file;  // a tar archive
  };

  std::string manifest;       // the document
  std::string configuration;  // the document
  std::string configuration_digest;
  std::vector<Layer> layers;  // lowest first
};

// What is in the archive: an OCI image layout, what `docker save` writes (both may have several images:
// the one with the name, or for the architecture, is taken), or else the files of one root filesystem. Blocks.
// Throws Error that says what is wrong and what would be right.
SavedImage read_saved_image(ImageArchive& archive, const Reference& name, const std::string& architecture);

}  // namespace sockerless::cloud
