#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sockerless::aws {

// A family of regions that share a domain and an ARN prefix.
struct Partition {
  std::string_view id;  // "aws", "aws-cn"; the second part of its ARNs
  std::string_view dns_suffix;
  std::string_view dual_stack_suffix;  // for IPv4 and IPv6
};

// An unknown region belongs to the partition "aws".
const Partition& partition_of(std::string_view region);

struct EndpointSettings {
  std::string url;  // of every service; empty for AWS's own
  // Of single services, by the name that AWS_ENDPOINT_URL_… has for them: "CLOUDWATCH_LOGS". They win.
  std::map<std::string, std::string, std::less<>> urls;
  bool fips = false;
  bool dual_stack = false;
};

// "https://ecs.us-east-1.amazonaws.com" for the label "ecs".
std::string default_endpoint(std::string_view label, std::string_view region, bool fips = false,
                             bool dual_stack = false);

struct EndpointUrl {
  std::string origin;  // "http://127.0.0.1:4566", without a slash at the end
  std::string host;    // as in the Host header: with the port unless it is the scheme's own
};

// Throws Error(invalid_argument) unless the text is an http or https URL without a path.
EndpointUrl parse_endpoint(std::string_view url);

// Where a service is reached: its own URL, the URL of all, or AWS's endpoint in the region.
EndpointUrl resolve_endpoint(const EndpointSettings& settings, std::string_view service_id, std::string_view label,
                             std::string_view region);

}  // namespace sockerless::aws
