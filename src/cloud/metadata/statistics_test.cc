#include "cloud/metadata/statistics.h"

#include <gtest/gtest.h>

namespace sockerless::cloud::metadata {
namespace {

Sample sample_at(int seconds, std::uint64_t received) {
  Sample sample;
  sample.container.at = Time(std::chrono::seconds(1'800'000'000 + seconds));
  sample.container.cpu_ns = 5;
  sample.container.memory = 7;
  sample.network.rx_bytes = received;
  return sample;
}

TEST(Statistics, WithoutAnEarlierSampleThereAreNoRates) {
  const Statistics statistics = statistics_of(sample_at(0, 100), std::nullopt);
  EXPECT_FALSE(statistics.rates);
  EXPECT_EQ(statistics.read_before, "0001-01-01T00:00:00Z");
  EXPECT_EQ(statistics.cpu.usage.total, 5u);
  EXPECT_EQ(statistics.memory.usage, 7u);
}

TEST(Statistics, RatesAreBytesOverTime) {
  const Statistics statistics = statistics_of(sample_at(4, 500), sample_at(0, 100));
  ASSERT_TRUE(statistics.rates);
  EXPECT_DOUBLE_EQ(statistics.rates->received, 100);
  EXPECT_DOUBLE_EQ(statistics.rates->sent, 0);
  EXPECT_EQ(statistics.networks.at("eth1").at("rx_bytes"), 500u);
}

TEST(Statistics, TwoSamplesOfOneMomentHaveNoRate) {
  EXPECT_FALSE(statistics_of(sample_at(0, 500), sample_at(0, 100)).rates);
}

}  // namespace
}  // namespace sockerless::cloud::metadata
