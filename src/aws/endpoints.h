#pragma once

#include <string>
#include <string_view>

namespace sockerless::aws {

// A family of regions that share a domain and an ARN prefix.
struct Partition {
  std::string_view id;  // "aws", "aws-cn"; the second part of its ARNs
  std::string_view dns_suffix;
};

// An unknown region belongs to the partition "aws".
const Partition& partition_of(std::string_view region);

// "https://ecs.us-east-1.amazonaws.com" for the label "ecs".
std::string default_endpoint(std::string_view label, std::string_view region);

struct EndpointUrl {
  std::string origin;  // "http://127.0.0.1:4566", without a slash at the end
  std::string host;    // as in the Host header: with the port unless it is the scheme's own
};

// Throws Error(invalid_argument) unless the text is an http or https URL without a path.
EndpointUrl parse_endpoint(std::string_view url);

}  // namespace sockerless::aws
