#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

// What is not as with Docker Engine: the first row whose beginning fits a route is the route's. An
// emulated route's reason ends with the test that shows its effect in a running container.
struct Coverage {
  std::string_view route;  // method and the beginning of the pattern
  std::string_view kind;
  std::string_view reason;
};

constexpr std::string_view kEmulated = "emulated";
constexpr std::string_view kRecorded = "recorded";
constexpr std::string_view kRefused = "refused";

constexpr std::array kCoverage{
    Coverage{"POST /containers/{name}/pause", kRefused, "501: a Fargate task cannot be paused"},
    Coverage{"POST /containers/{name}/unpause", kRefused, "501: a Fargate task cannot be paused"},
    Coverage{"GET /containers/{name}/checkpoints", kRefused, "501: experimental"},
    Coverage{"POST /containers/{name}/checkpoints", kRefused, "501: experimental"},
    Coverage{"DELETE /containers/{name}/checkpoints", kRefused, "501: experimental"},
    Coverage{"POST /containers/{name}/restart", kEmulated, "a new task; compat `restart_container`"},
    Coverage{"POST /containers/{name}/stop", kEmulated, "StopTask, exit code 0; compat `stop_running`"},
    Coverage{"POST /containers/{name}/update", kEmulated,
             "limits take effect with the next start; e2e `test_new_limits_are_those_of_the_next_start`"},
    Coverage{"POST /commit", kRefused, "501: a task's file system cannot be made an image"},
    Coverage{"POST /images/load", kRefused, "501: tasks take their images from a registry"},
    Coverage{"POST /images/{name*}/push", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/get", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/{name*}/get", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/search", kRecorded, "an empty list: the daemon has no index"},
    Coverage{"POST /images/create", kEmulated,
             "name and configuration; the task pulls; compat `run_pulls_what_is_missing`"},
    Coverage{"POST /build/prune", kRecorded, "nothing is reclaimed: there is no cache besides the images"},
    Coverage{"POST /build/cancel", kRecorded, "a build ends when its client leaves"},
    Coverage{"POST /build", kEmulated,
             "RUN is not executed, files are staged into the containers; compat `build_copies_files`"},
    Coverage{"POST /images/{name*}/tag", kEmulated, "a further name of the record; compat `tag_and_untag`"},
    Coverage{"POST /volumes/create", kEmulated,
             "a folder of each task that mounts it; e2e `test_a_volume_is_a_folder_of_its_task`"},
    Coverage{"POST /networks/create", kEmulated,
             "a record, whose members know each other's names; e2e `test_names_work_in_both_directions`"},
    Coverage{"POST /networks/{id}/connect", kEmulated,
             "names and a synthetic address; e2e `test_strangers_have_no_names`"},
    Coverage{"POST /networks/{id}/disconnect", kEmulated, "the names are gone; e2e `test_strangers_have_no_names`"},
    Coverage{"PUT /volumes/{name}", kRefused, "503: not a swarm manager"},
    Coverage{"GET /system/df", kRecorded, "sizes as registries store images"},
    Coverage{"GET /plugins/privileges", kRefused, "501: no plugins in a task"},
    Coverage{"POST /plugins/pull", kRefused, "501: no plugins in a task"},
    Coverage{"POST /plugins/create", kRefused, "501: no plugins in a task"},
    Coverage{"POST /swarm/init", kRefused, "501: ECS places the tasks"},
    Coverage{"POST /swarm/join", kRefused, "501: ECS places the tasks"},
};

// docs/api-coverage.md as the route table has it.
std::string api_page() {
  test::TestDaemon daemon;
  std::string page = fmt::format(
      "# Endpoints of the Docker Engine API\n\n"
      "API versions {} to {}, each path with `/vX.Y` in front or without. Made from the route table: "
      "`SOCKERLESS_UPDATE_DOCS=1 build/dev/bin/api_test --gtest_filter='ApiPage.*'` writes it anew. "
      "`exact` answers as Docker Engine does, `emulated` has the same answers with another way behind them and names "
      "the test that shows the effect in a running container, `recorded` concerns the daemon's records alone, "
      "`refused` says why. Everything else answers 404, `page not found`.\n\n| method | path | | "
      "|\n|---|---|---|---|\n",
      docker::kOldest.text(), docker::kNewest.text());
  for (const auto& route : daemon.router().listing()) {
    const std::string name = route.method + " " + route.pattern;
    const auto found = std::find_if(kCoverage.begin(), kCoverage.end(),
                                    [&](const Coverage& row) { return name.starts_with(row.route); });
    const bool is_exact = found == kCoverage.end();
    page += fmt::format("| {} | `{}` | {} | {} |\n", route.method, route.pattern, is_exact ? "exact" : found->kind,
                        is_exact ? "" : found->reason);
  }
  return page;
}

TEST(ApiPage, ListsTheRoutesThatThereAre) {
  const std::string expected = api_page();
  if (std::getenv("SOCKERLESS_UPDATE_DOCS") != nullptr) {
    std::ofstream(SOCKERLESS_API_PAGE) << expected;
  }
  std::ifstream file(SOCKERLESS_API_PAGE);
  std::stringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), expected) << "docs/api-coverage.md is stale; its head says how to write it anew";
}

TEST(ApiPage, EveryDeviationIsOfARouteThatThereIs) {
  test::TestDaemon daemon;
  const auto routes = daemon.router().listing();
  for (const Coverage& row : kCoverage) {
    EXPECT_TRUE(std::any_of(routes.begin(), routes.end(), [&](const auto& route) {
      return (route.method + " " + route.pattern).starts_with(row.route);
    })) << row.route;
  }
}

std::string all_tests() {
  std::string text;
  for (const char* folder : {"/compat/scenarios", "/e2e"}) {
    for (const auto& file : std::filesystem::directory_iterator(std::string(SOCKERLESS_TESTS) + folder)) {
      if (file.path().extension() != ".py") continue;
      std::stringstream content;
      content << std::ifstream(file.path()).rdbuf();
      text += content.str();
    }
  }
  return text;
}

TEST(ApiPage, EveryEmulatedRouteNamesATestThatThereIs) {
  const std::string tests = all_tests();
  for (const Coverage& row : kCoverage) {
    if (row.kind != kEmulated) continue;
    ASSERT_TRUE(row.reason.ends_with('`')) << row.route;
    const auto begin = row.reason.rfind('`', row.reason.size() - 2) + 1;
    const std::string name(row.reason.substr(begin, row.reason.size() - 1 - begin));
    EXPECT_NE(tests.find("def " + name + "("), std::string::npos) << row.route << ": " << name;
  }
}

}  // namespace
}  // namespace sockerless
