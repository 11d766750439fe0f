#pragma once

#include <optional>
#include <string>

#include "base/async.h"
#include "cloud/images/imported_images.h"
#include "http/exchange.h"

namespace sockerless::cloud {

// Serves what is known of imported images as a registry does, below /imported/HOST/v2/: manifests and
// configurations, no layers. Whoever looks images up before a task is made, as sockerlessd does, finds them
// there under the host of their name. Asks for no signature, as the distribution API knows none.
class ImportedRegistry {
 public:
  explicit ImportedRegistry(const std::string& store_folder) : store_folder_(store_folder), images_(store_folder) {}

  static bool serves(const http::Exchange& exchange) { return exchange.target().path().starts_with("/imported/"); }

  void answer(http::Exchange& exchange) const;

 private:
  struct Document {
    std::string digest;
    std::string content;
  };

  std::optional<Document> find(const std::string& path) const;

  std::string store_folder_;
  ImportedImages images_;
};

}  // namespace sockerless::cloud
