#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/networks.h"
#include "docker/types/container_view.h"

// The shapes in which Docker takes and shows networks.
namespace sockerless::docker {

struct NetworkCreateRequest {
  std::string name;
  std::string driver;
  std::string scope;
  std::optional<bool> enable_ipv4;
  bool enable_ipv6 = false;
  core::Ipam ipam;
  bool internal = false;
  bool attachable = false;
  bool ingress = false;
  bool config_only = false;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string> labels;

  static constexpr auto fields() {
    using N = NetworkCreateRequest;
    using json::field;
    return std::tuple{field("Name", &N::name),
                      field("Driver", &N::driver),
                      field("Scope", &N::scope),
                      field("EnableIPv4", &N::enable_ipv4),
                      field("EnableIPv6", &N::enable_ipv6),
                      field("IPAM", &N::ipam),
                      field("Internal", &N::internal),
                      field("Attachable", &N::attachable),
                      field("Ingress", &N::ingress),
                      field("ConfigOnly", &N::config_only),
                      field("Options", &N::options),
                      field("Labels", &N::labels)};
  }
};

struct NetworkCreateResponse {
  std::string id;
  std::string warning;
  static constexpr auto fields() {
    return std::tuple{json::field("Id", &NetworkCreateResponse::id),
                      json::field("Warning", &NetworkCreateResponse::warning)};
  }
};

struct ConfigReference {
  std::string network;
  static constexpr auto fields() { return std::tuple{json::field("Network", &ConfigReference::network)}; }
};

// A container in NetworkInspect; addresses are in CIDR notation.
struct NetworkContainerView {
  std::string name;
  std::string endpoint_id;
  std::string mac_address;
  std::string ipv4_address;
  std::string ipv6_address;
  static constexpr auto fields() {
    using N = NetworkContainerView;
    using json::field;
    return std::tuple{field("Name", &N::name), field("EndpointID", &N::endpoint_id),
                      field("MacAddress", &N::mac_address), field("IPv4Address", &N::ipv4_address),
                      field("IPv6Address", &N::ipv6_address)};
  }
};

struct NetworkInspectView {
  std::string name;
  std::string id;
  std::string created;
  std::string scope = "local";
  std::string driver;
  bool enable_ipv4 = true;
  bool enable_ipv6 = false;
  core::Ipam ipam;
  bool internal = false;
  bool attachable = false;
  bool ingress = false;
  ConfigReference config_from;
  bool config_only = false;
  std::map<std::string, NetworkContainerView> containers;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string> labels;

  static constexpr auto fields() {
    using N = NetworkInspectView;
    using json::field;
    return std::tuple{field("Name", &N::name),
                      field("Id", &N::id),
                      field("Created", &N::created),
                      field("Scope", &N::scope),
                      field("Driver", &N::driver),
                      field("EnableIPv4", &N::enable_ipv4),
                      field("EnableIPv6", &N::enable_ipv6),
                      field("IPAM", &N::ipam),
                      field("Internal", &N::internal),
                      field("Attachable", &N::attachable),
                      field("Ingress", &N::ingress),
                      field("ConfigFrom", &N::config_from),
                      field("ConfigOnly", &N::config_only),
                      field("Containers", &N::containers),
                      field("Options", &N::options),
                      field("Labels", &N::labels)};
  }
};

struct NetworkConnectRequest {
  std::string container;
  EndpointView endpoint;
  static constexpr auto fields() {
    return std::tuple{json::field("Container", &NetworkConnectRequest::container),
                      json::field("EndpointConfig", &NetworkConnectRequest::endpoint)};
  }
};

struct NetworkDisconnectRequest {
  std::string container;
  bool force = false;
  static constexpr auto fields() {
    return std::tuple{json::field("Container", &NetworkDisconnectRequest::container),
                      json::field("Force", &NetworkDisconnectRequest::force)};
  }
};

struct NetworkPruneReport {
  std::vector<std::string> deleted;
  static constexpr auto fields() {
    return std::tuple{json::field("NetworksDeleted", &NetworkPruneReport::deleted, json::Emit::null_if_empty)};
  }
};

}  // namespace sockerless::docker
