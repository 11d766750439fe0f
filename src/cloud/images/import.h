#pragma once

#include <string>

#include "cloud/images/imported_images.h"
#include "cloud/images/layer.h"

namespace sockerless::cloud {

struct ImageImport {
  std::string source;        // a file, or "-" for the standard input
  std::string name;          // NAME[:TAG]
  std::string store_folder;  // of the image store
  std::string architecture;  // amd64 or arm64
  LayerLimits limits;        // of the whole image
};

// Puts an image from an archive into the store, under a name that from then on means this image and no
// registry's. A cloud may run on the store meanwhile; imports come one after the other. Blocks; root. Throws
// Error that names the source and what is wrong with it, and then the store is as before.
ImportedImage import_image(const ImageImport& request);

// Takes the name away. Layers that no imported image has any more are deleted if `may_delete_layers`, which
// is for a store that no cloud runs on; else they go when the cache needs their space. Throws
// Error(not_found).
void remove_imported_image(const std::string& store_folder, const std::string& name, bool may_delete_layers);

}  // namespace sockerless::cloud
