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

constexpr std::array<Rule, 7> kRules{{{"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
                                      {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws"}},
                                      {"eusc-", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"}},
                                      {"us-iso-", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov"}},
                                      {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"}},
                                      {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}},
                                      {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"}}}};

constexpr Partition kDefault{"aws", "amazonaws.com", "api.aws"};

// In GovCloud these are FIPS endpoints under their plain names, as AWS's endpoint rules have it.
bool is_fips_by_itself(std::string_view label, std::string_view region) {
  if (!region.starts_with("us-gov-")) return false;
  return label == "logs" || label == "sts" || label == "ec2";
}

}  // namespace

const Partition& partition_of(std::string_view region) {
  for (const Rule& rule : kRules) {
    if (region.starts_with(rule.region_prefix)) return rule.partition;
  }
  return kDefault;
}

std::string default_endpoint(std::string_view label, std::string_view region, bool fips, bool dual_stack) {
  const Partition& partition = partition_of(region);
  const bool is_named_fips = fips && (dual_stack || !is_fips_by_itself(label, region));
  return fmt::format("https://{}{}.{}.{}", label, is_named_fips ? "-fips" : "", region,
                     dual_stack ? partition.dual_stack_suffix : partition.dns_suffix);
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

EndpointUrl resolve_endpoint(const EndpointSettings& settings, std::string_view service_id, std::string_view label,
                             std::string_view region) {
  const auto own = settings.urls.find(service_id);
  if (own != settings.urls.end() && !own->second.empty()) return parse_endpoint(own->second);
  if (!settings.url.empty()) return parse_endpoint(settings.url);
  return parse_endpoint(default_endpoint(label, region, settings.fips, settings.dual_stack));
}

}  // namespace sockerless::aws
