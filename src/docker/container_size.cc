#include "docker/container_size.h"

namespace sockerless::docker {

void add_size(ApiServices& services, const std::map<std::string, std::int64_t>& measured, ContainerSummary& row) {
  const auto found = measured.find(row.id);
  const std::int64_t changed = found == measured.end() ? 0 : found->second;
  if (changed > 0) row.size_rw = changed;
  row.size_root_fs = services.images.size_of(row.image_id) + changed;
}

}  // namespace sockerless::docker
