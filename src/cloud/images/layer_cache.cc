#include "cloud/images/layer_cache.h"

#include <algorithm>

#include "base/log.h"

namespace sockerless::cloud {
namespace {

const Logger log("images");

}  // namespace

LayerCache::LayerCache(ImageStore& store, std::int64_t limit) : store_(store), limit_(limit) {
  for (const ImageStore::StoredLayer& each : store_.layers()) {
    layers_[each.folder] = {each.bytes, ++clock_};
    bytes_ += each.bytes;
  }
}

std::shared_ptr<const void> LayerCache::lease(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const auto layer = layers_.find(folder);
    if (layer == layers_.end()) continue;
    layer->second.wanted = ++clock_;
    store_.touch_layer(folder);
  }
  auto lease = std::make_shared<const Folders>(folders);
  leases_.remove_if([](const auto& each) { return each.expired(); });
  leases_.push_back(lease);
  return lease;
}

void LayerCache::add(const std::string& folder, std::int64_t bytes) {
  const auto [at, is_new] = layers_.try_emplace(folder);
  if (!is_new) return;
  at->second = {bytes, ++clock_};
  bytes_ += bytes;
}

std::vector<std::string> LayerCache::evict(const std::set<std::string>& keep) {
  std::vector<std::string> taken;
  if (!is_over_limit()) return taken;
  std::vector<std::pair<std::uint64_t, std::string>> by_age;
  for (const auto& [folder, layer] : layers_) by_age.emplace_back(layer.wanted, folder);
  std::sort(by_age.begin(), by_age.end());
  for (const auto& [wanted, folder] : by_age) {
    if (!is_over_limit()) break;
    if (keep.count(folder) > 0 || is_leased(folder)) continue;
    taken.push_back(store_.take_layer(folder));
    log.info("layer evicted", {{"layer", folder}, {"bytes", layers_.at(folder).bytes}});
    bytes_ -= layers_.at(folder).bytes;
    layers_.erase(folder);
  }
  return taken;
}

bool LayerCache::is_leased(const std::string& folder) {
  return std::any_of(leases_.begin(), leases_.end(), [&](const auto& each) {
    const auto lease = each.lock();
    return lease && std::find(lease->begin(), lease->end(), folder) != lease->end();
  });
}

}  // namespace sockerless::cloud
