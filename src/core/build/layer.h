#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/worker_pool.h"
#include "core/build/file_tree.h"
#include "core/file_driver.h"

namespace sockerless::core::build {

// What an instruction adds to an image, in the order of the tar; the entries' names are paths in the
// container without the leading slash.
using Layer = std::vector<Node>;

// The bytes of all files.
std::int64_t size_of(const Layer& layer);

// The layer as a plain tar; its files are read on the pool.
class LayerSource final : public ByteSource {
 public:
  LayerSource(WorkerPool& workers, std::shared_ptr<const Layer> layer) : workers_(workers), layer_(std::move(layer)) {}

  Awaitable<std::optional<std::string>> read() override;

 private:
  WorkerPool& workers_;
  std::shared_ptr<const Layer> layer_;
  std::size_t node_ = 0;
  std::int64_t at_ = -1;  // in the content; -1: the header comes first
  bool is_ended_ = false;
};

}  // namespace sockerless::core::build
