#include "publish/port_requests.h"

#include <gtest/gtest.h>

namespace sockerless::publish {
namespace {

TEST(PortRequests, ABindingMayNameAnAddressAPortOrARange) {
  core::Container container;
  container.host_config.port_bindings["80/tcp"] = {{"127.0.0.1", "8080"}, {"", "9000-9009"}, {"", "0"}, {"", ""}};
  const auto requests = port_requests(container);
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests[0].number, 80);
  EXPECT_EQ(requests[0].host_ip, "127.0.0.1");
  EXPECT_EQ(requests[0].first, 8080);
  EXPECT_EQ(requests[0].last, 8080);
  EXPECT_EQ(requests[1].first, 9000);
  EXPECT_EQ(requests[1].last, 9009);
  EXPECT_EQ(requests[2].first, 0);
  EXPECT_EQ(requests[3].first, 0);
}

TEST(PortRequests, PublishAllTakesExposedPortsThatHaveNoBinding) {
  core::Container container;
  container.config.exposed_ports = {{"80/tcp", {}}, {"81", {}}, {"53/udp", {}}};
  container.host_config.port_bindings["80/tcp"] = {{"", "8080"}};
  EXPECT_EQ(port_requests(container).size(), 1u);
  container.host_config.publish_all_ports = true;
  const auto requests = port_requests(container);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].container_port, "81");
}

TEST(PortRequests, OtherProtocolsAreNotCarried) {
  core::Container container;
  container.host_config.port_bindings["53/udp"] = {{"", "53"}};
  EXPECT_TRUE(port_requests(container).empty());
}

}  // namespace
}  // namespace sockerless::publish
