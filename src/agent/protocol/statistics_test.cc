#include "agent/protocol/statistics.h"

#include <gtest/gtest.h>

#include <random>

namespace sockerless::agent {
namespace {

const std::string kTexts = std::string("a\0b", 3);

TEST(StatisticsProtocol, KeepsEverything) {
  const auto machine = decode_machine_facts(
      encode(MachineFacts{.uptime = 1ull << 40, .ticks_per_second = 250, .page_size = 65536, .memory = 1ull << 41}));
  ASSERT_TRUE(machine);
  EXPECT_EQ(machine->uptime, 1ull << 40);
  EXPECT_EQ(machine->ticks_per_second, 250u);
  EXPECT_EQ(machine->page_size, 65536u);
  EXPECT_EQ(machine->memory, 1ull << 41);

  std::string output;
  append(output, {"1 (x) S", "Name:\tx\n", kTexts, "u", "ru", "g", "rg"});
  append(output, {});
  const auto processes = decode_processes(output);
  ASSERT_TRUE(processes);
  ASSERT_EQ(processes->size(), 2u);
  EXPECT_EQ(processes->front().arguments, kTexts);
  EXPECT_EQ(processes->front().real_group, "rg");

  const auto files = decode_files(encode(std::vector<FileText>{{"/proc/stat", "cpu 1\n"}, {"/x", kTexts}}));
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ(files->back().text, kTexts);
}

TEST(StatisticsProtocol, EveryTruncationIsFound) {
  std::string output;
  append(output, {"1 (x) S", "Name:\tx\n", "x", "u", "ru", "g", "rg"});
  const std::string files = encode(std::vector<FileText>{{"/proc/stat", "cpu 1\n"}});
  const std::string machine = encode(MachineFacts{});
  for (std::size_t size = 1; size < output.size(); ++size) EXPECT_FALSE(decode_processes(output.substr(0, size)));
  for (std::size_t size = 1; size < files.size(); ++size) EXPECT_FALSE(decode_files(files.substr(0, size)));
  for (std::size_t size = 0; size < machine.size(); ++size) EXPECT_FALSE(decode_machine_facts(machine.substr(0, size)));
}

// Texts of any bytes and any number of records come back as they were.
TEST(StatisticsProtocol, RandomRecordsSurviveTheWire) {
  std::mt19937 random(7);
  const auto text = [&random] {
    std::string made(random() % 300, '\0');
    for (char& c : made) c = static_cast<char>(random());
    return made;
  };
  for (int round = 0; round < 200; ++round) {
    std::string output;
    std::vector<FileText> files;
    for (std::size_t i = random() % 20; i > 0; --i) {
      append(output, {text(), text(), text(), text(), text(), text(), text()});
      files.push_back({text(), text()});
    }
    const auto processes = decode_processes(output);
    ASSERT_TRUE(processes);
    std::string again;
    for (const ProcessFacts& process : *processes) append(again, process);
    EXPECT_EQ(again, output);
    EXPECT_EQ(processes->size(), files.size());
    const auto decoded = decode_files(encode(files));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode(*decoded), encode(files));
    // Whatever is changed on the way is either malformed or something else, never a crash.
    if (!output.empty()) output[random() % output.size()] ^= static_cast<char>(1 + random() % 255);
    decode_processes(output);
  }
}

TEST(StatisticsProtocol, NumbersThatNothingCanBeDividedByAreNone) {
  EXPECT_FALSE(decode_machine_facts(encode(MachineFacts{.ticks_per_second = 0})));
  EXPECT_FALSE(decode_machine_facts(encode(MachineFacts{.page_size = 0})));
}

}  // namespace
}  // namespace sockerless::agent
