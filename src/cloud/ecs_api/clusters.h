#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloud/ecs_api/types/cluster.h"
#include "cloud/front/identity.h"
#include "cloud/state/state_store.h"

namespace sockerless::cloud::ecs {

// The clusters of the account, by name; every change is kept in the store.
class Clusters {
 public:
  Clusters(Identity identity, StateStore& state);

  // The name of an active cluster returns that one. Throws ApiError.
  const Cluster& create(CreateClusterRequest request);

  // Makes an active cluster INACTIVE: it can be described until the next start, and its name is free.
  // Throws ApiError(ClusterNotFoundException).
  const Cluster& remove(const std::string& reference);

  // `reference` is a name or an ARN, empty for "default". find returns null for an unknown one,
  // get throws ApiError(ClusterNotFoundException) for that and for one that is not active.
  const Cluster* find(const std::string& reference) const;
  const Cluster& get(const std::string& reference) const;

  // Null for an unknown ARN.
  const std::vector<Tag>* find_tags(const std::string& arn) const;
  void set_tags(const std::string& arn, std::vector<Tag> tags);

  const std::map<std::string, Cluster>& all() const { return by_name_; }
  std::string arn_of(const std::string& name) const { return identity_.arn("ecs", "cluster/" + name); }

 private:
  void save(const Cluster& cluster);

  Identity identity_;
  StateStore& state_;
  std::map<std::string, Cluster> by_name_;
};

}  // namespace sockerless::cloud::ecs
