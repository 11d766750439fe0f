#include "aws/ec2.h"

#include <fmt/format.h>

#include <charconv>

#include "aws/xml.h"

namespace sockerless::aws {
namespace {

// Ids are letters, digits and dashes: nothing to encode in a form.
std::string form_of(std::string_view action, std::string_view parameter, std::string_view id) {
  return fmt::format("Action={}&Version=2016-11-15&{}.1={}", action, parameter, id);
}

}  // namespace

Awaitable<std::string> Ec2::public_address(std::string network_interface) {
  const std::string answer = co_await client_.call_query(
      kEc2, "DescribeNetworkInterfaces", form_of("DescribeNetworkInterfaces", "NetworkInterfaceId", network_interface));
  co_return xml_text(answer, "publicIp");
}

Awaitable<Subnet> Ec2::describe_subnet(std::string id) {
  const std::string answer =
      co_await client_.call_query(kEc2, "DescribeSubnets", form_of("DescribeSubnets", "SubnetId", id));
  Subnet subnet{.id = xml_text(answer, "subnetId"),
                .vpc = xml_text(answer, "vpcId"),
                .zone = xml_text(answer, "availabilityZone")};
  const std::string count = xml_text(answer, "availableIpAddressCount");
  std::from_chars(count.data(), count.data() + count.size(), subnet.free_addresses);
  co_return subnet;
}

}  // namespace sockerless::aws
