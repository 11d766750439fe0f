#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cloud/images/store.h"

namespace sockerless::cloud {

// Which unpacked layers there are, how large they are and when they were last wanted; says which go
// when there is more than the limit. Knows layers by their folders. Lives on the loop.
class LayerCache {
 public:
  // `limit` in bytes; 0: none.
  LayerCache(ImageStore& store, std::int64_t limit);

  // Says that the layers are wanted now; they stay while a copy of the result lives.
  std::shared_ptr<const void> lease(const std::vector<std::string>& folders);

  bool knows(const std::string& folder) const { return layers_.count(folder) > 0; }
  void add(const std::string& folder, std::int64_t bytes);

  bool is_over_limit() const { return limit_ > 0 && bytes_ > limit_; }

  // Takes the least recently wanted layers that nobody leases and that are not to be kept out of the store,
  // until the rest is within the limit. What is left of them, to be deleted.
  std::vector<std::string> evict(const std::set<std::string>& keep = {});

 private:
  struct Layer {
    std::int64_t bytes = 0;
    std::uint64_t wanted = 0;  // counts up
  };
  using Folders = std::vector<std::string>;

  bool is_leased(const std::string& folder);

  ImageStore& store_;
  std::int64_t limit_;
  std::int64_t bytes_ = 0;
  std::uint64_t clock_ = 0;
  std::map<std::string, Layer> layers_;
  std::list<std::weak_ptr<const Folders>> leases_;
};

}  // namespace sockerless::cloud
