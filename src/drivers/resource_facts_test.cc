#include "drivers/resource_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sockerless::drivers {
namespace {

using testing::ElementsAre;

const std::vector<agent::FileText> kMachine = {
    {"/proc/stat", "cpu  1 2 3 4 5 6 7 8 9 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\n"},
    {"/proc/meminfo", "MemTotal:        1000 kB\nMemFree:  1 kB\n"},
    {"/proc/net/dev",
     "Inter-|   Receive  |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes\n"
     "    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n"
     "  eth0:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"}};

std::vector<agent::FileText> with(std::vector<agent::FileText> more) {
  more.insert(more.end(), kMachine.begin(), kMachine.end());
  return more;
}

TEST(ResourceFacts, OfTheMachine) {
  const auto sample = sample_of(kMachine, {});
  EXPECT_EQ(sample.system_cpu, 28u * 10'000'000);  // user to softirq
  EXPECT_EQ(sample.online_cpus, 2);
  EXPECT_EQ(sample.memory_limit, 1000u * 1024);
  ASSERT_EQ(sample.networks.size(), 1u);
  EXPECT_EQ(sample.networks.at("eth0").rx_dropped, 4u);
  EXPECT_EQ(sample.networks.at("eth0").tx_bytes, 5u);
  EXPECT_FALSE(has_usage(sample));
}

TEST(ResourceFacts, OfControlGroupsVersion2) {
  const auto sample =
      sample_of(with({{"/sys/fs/cgroup/cpu.stat",
                       "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\n"},
                      {"/sys/fs/cgroup/memory.current", "4096\n"},
                      {"/sys/fs/cgroup/memory.max", "512000\n"},
                      {"/sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 2\n"},
                      {"/sys/fs/cgroup/pids.current", "3\n"},
                      {"/sys/fs/cgroup/pids.max", "max\n"},
                      {"/sys/fs/cgroup/io.stat", "8:16 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n"}}),
                {});
  EXPECT_TRUE(sample.cgroup_v2);
  EXPECT_EQ(sample.cpu_total, 30'000u);
  EXPECT_EQ(sample.cpu_user, 20'000u);
  EXPECT_EQ(sample.cpu_kernel, 10'000u);
  EXPECT_EQ(sample.throttled_time, 1000u);
  EXPECT_EQ(sample.memory_usage, 4096u);
  EXPECT_EQ(sample.memory_limit, 512000u);
  EXPECT_EQ(sample.memory_details.at("inactive_file"), 2u);
  EXPECT_EQ(sample.processes, 3u);
  EXPECT_EQ(sample.process_limit, ~0ull);
  ASSERT_EQ(sample.block_bytes.size(), 2u);
  EXPECT_EQ(sample.block_bytes[1].operation, "write");
  EXPECT_EQ(sample.block_bytes[1].value, 20u);
  EXPECT_EQ(sample.block_bytes[1].minor, 16u);
}

TEST(ResourceFacts, OfControlGroupsVersion1) {
  const std::string base = "/sys/fs/cgroup/";
  const auto sample = sample_of(
      with({{base + "cpuacct/cpuacct.usage", "700\n"},
            {base + "cpuacct/cpuacct.usage_percpu", "300 400 \n"},
            {base + "cpuacct/cpuacct.stat", "user 3\nsystem 2\n"},
            {base + "cpu/cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 9\n"},
            {base + "memory/memory.usage_in_bytes", "4096\n"},
            {base + "memory/memory.max_usage_in_bytes", "8192\n"},
            {base + "memory/memory.limit_in_bytes", "9223372036854771712\n"},
            {base + "memory/memory.stat", "total_inactive_file 5\n"},
            {base + "pids/pids.current", "2\n"},
            {base + "pids/pids.max", "max\n"},
            {base + "blkio/blkio.throttle.io_service_bytes_recursive", "8:0 Read 5\n8:0 Total 5\nTotal 5\n"}}),
      {});
  EXPECT_FALSE(sample.cgroup_v2);
  EXPECT_EQ(sample.cpu_total, 700u);
  EXPECT_THAT(sample.cpu_each, ElementsAre(300u, 400u));
  EXPECT_EQ(sample.cpu_user, 30'000'000u);
  EXPECT_EQ(sample.throttled_time, 9u);
  EXPECT_EQ(sample.memory_peak, 8192u);
  EXPECT_EQ(sample.memory_limit, 1000u * 1024);
  EXPECT_EQ(sample.process_limit, 0u);
  ASSERT_EQ(sample.block_bytes.size(), 2u);
  EXPECT_EQ(sample.block_bytes[0].operation, "Read");
}

TEST(ResourceFacts, WithoutControlGroupsAreThoseOfTheProcesses) {
  auto sample = sample_of(kMachine, {});
  ProcessRecord process;
  process.cpu_ticks = 5;
  process.resident_pages = 2;
  add_usage(sample, {process, process}, {});
  EXPECT_EQ(sample.cpu_total, 100'000'000u);
  EXPECT_EQ(sample.memory_usage, 4u * 4096);
  EXPECT_EQ(sample.processes, 2u);
}

TEST(ResourceFacts, OfNothingAreZeros) {
  const auto sample = sample_of({}, {});
  EXPECT_EQ(sample.online_cpus, 0);
  EXPECT_EQ(sample.memory_limit, 0u);
}

}  // namespace
}  // namespace sockerless::drivers
