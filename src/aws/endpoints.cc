#include "aws/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace sockerless::aws {
namespace {

struct Rule {
  std::string_view region_prefix;
  Partition partition;
};

// The first match wins, so longer prefixes stand before shorter ones.
constexpr std::array<Rule, 7> kRules{{{"cn-", {"aws-cn", "amazonaws.com.cn"}},
                                      {"us-gov-", {"aws-us-gov", "amazonaws.com"}},
                                      {"eusc-", {"aws-eusc", "amazonaws.eu"}},
                                      {"us-iso-", {"aws-iso", "c2s.ic.gov"}},
                                      {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov"}},
                                      {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk"}},
                                      {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov"}}}};

constexpr Partition kDefault{"aws", "amazonaws.com"};

}  // namespace

const Partition& partition_of(std::string_view region) {
  for (const Rule& rule : kRules) {
    if (region.starts_with(rule.region_prefix)) return rule.partition;
  }
  return kDefault;
}

std::string default_endpoint(std::string_view label, std::string_view region) {
  return fmt::format("https://{}.{}.{}", label, region, partition_of(region).dns_suffix);
}

EndpointUrl parse_endpoint(std::string_view url) {
  const bool secure = url.starts_with("https://");
  const std::string_view scheme = secure ? "https://" : "http://";
  const auto bad = [&] {
    return Error(ErrorKind::invalid_argument,
                 fmt::format("\"{}\" is not an endpoint: expected http://HOST[:PORT] or https://HOST[:PORT]", url));
  };
  if (!url.starts_with(scheme)) throw bad();
  std::string_view host = url.substr(scheme.size());
  if (host.ends_with('/')) host.remove_suffix(1);
  if (host.empty() || host.find_first_of("/?#@ ") != std::string_view::npos) throw bad();
  const std::string origin = fmt::format("{}{}", scheme, host);
  const std::string_view own_port = secure ? ":443" : ":80";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  return {origin, std::string(host)};
}

}  // namespace sockerless::aws
