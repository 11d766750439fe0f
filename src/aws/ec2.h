#pragma once

#include <string>

#include "aws/client.h"

namespace sockerless::aws {

inline constexpr Service kEc2{"EC2", "ec2", "ec2", "", "EC2"};

struct Subnet {
  std::string id;
  std::string vpc;
  std::string zone;
  int free_addresses = 0;
};

// The two things that the project asks of EC2. See Client for what they throw.
class Ec2 {
 public:
  explicit Ec2(Client& client) : client_(client) {}

  // Of a network interface; "" if it has none.
  Awaitable<std::string> public_address(std::string network_interface);
  Awaitable<Subnet> describe_subnet(std::string id);

 private:
  Client& client_;
};

}  // namespace sockerless::aws
