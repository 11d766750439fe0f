#include "ecs/host_config_policy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/error.h"

namespace sockerless::test {
namespace {

using core::HostConfig;
using ecs::check_host_config;
using ecs::HostConfigField;

constexpr std::string_view kBegin = "<!-- made from src/ecs/host_config_policy.cc -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";

std::string table() {
  const auto word = [](HostConfigField::Treatment treatment) {
    switch (treatment) {
      case HostConfigField::Treatment::honoured: return "honoured";
      case HostConfigField::Treatment::warned: return "warning";
      case HostConfigField::Treatment::refused: return "refused, 400";
    }
    return "";
  };
  std::vector<std::string> rows;
  for (const auto& field : ecs::host_config_fields()) {
    rows.push_back(fmt::format("| `{}` | {} | {} |\n", field.field, word(field.treatment), field.what));
  }
  std::sort(rows.begin(), rows.end());
  return fmt::format("\n| field | | what happens, or is missing |\n|---|---|---|\n{}\n", fmt::join(rows, ""));
}

TEST(HostConfigPolicy, EveryFieldHasARow) {
  std::set<std::string> listed;
  for (const auto& field : ecs::host_config_fields()) listed.insert(field.field);
  const auto names = std::apply(
      [](const auto&... fields) { return std::set<std::string>{std::string(fields.name)...}; }, HostConfig::fields());
  EXPECT_EQ(listed, names);
}

TEST(HostConfigPolicy, ThePageHasTheTable) {
  std::ifstream file(SOCKERLESS_COMPATIBILITY_PAGE);
  std::stringstream stream;
  stream << file.rdbuf();
  std::string page = stream.str();
  const auto begin = page.find(kBegin);
  const auto end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto from = begin + kBegin.size();
  if (std::getenv("SOCKERLESS_UPDATE_DOCS") != nullptr) {
    page.replace(from, end - from, table());
    std::ofstream(SOCKERLESS_COMPATIBILITY_PAGE) << page;
    return;
  }
  EXPECT_EQ(page.substr(from, end - from), table())
      << "the table is stale; SOCKERLESS_UPDATE_DOCS=1 build/dev/bin/ecs_test --gtest_filter='HostConfigPolicy.*' "
         "writes it anew";
}

TEST(HostConfigPolicy, WhatChangesNothingIsNotWarnedAbout) {
  EXPECT_TRUE(check_host_config(HostConfig()).empty());
  HostConfig usual;
  usual.memory = 512;
  usual.memory_swap = 1024;
  usual.ipc_mode = "private";
  usual.cgroupns_mode = "private";
  usual.restart_policy.name = "always";
  EXPECT_TRUE(check_host_config(usual).empty());
}

TEST(HostConfigPolicy, WarnsByName) {
  HostConfig host_config;
  host_config.dns_search = {"example.com"};
  host_config.oom_kill_disable = true;
  EXPECT_THAT(check_host_config(host_config), testing::UnorderedElementsAre(testing::StartsWith("DnsSearch: "),
                                                                            testing::StartsWith("OomKillDisable: ")));
}

TEST(HostConfigPolicy, RefusesWhatWouldBeAnotherContainer) {
  HostConfig host_config;
  host_config.privileged = true;
  EXPECT_THROW(check_host_config(host_config), Error);
}

}  // namespace
}  // namespace sockerless::test
