#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

// What is not as with Docker Engine: the first row whose beginning fits a route is the route's. An
// emulated route names the test that shows its effect in a running container.
struct Coverage {
  std::string_view route;  // method and the beginning of the pattern
  std::string_view kind;
  std::string_view reason;
};

constexpr std::string_view kEmulated = "emulated";
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
             "limits take effect with the next start; compat `update_of_restart_policy`"},
    Coverage{"POST /commit", kRefused, "501: a task's file system cannot be made an image"},
    Coverage{"POST /images/load", kRefused, "501: tasks take their images from a registry"},
    Coverage{"POST /images/{name*}/push", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/get", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/{name*}/get", kRefused, "501: the daemon keeps no layers"},
    Coverage{"GET /images/search", kEmulated, "an empty list; docker-py `Images.test_prune_and_search`"},
    Coverage{"POST /images/create", kEmulated,
             "name and configuration; the task pulls; compat `run_pulls_what_is_missing`"},
    Coverage{"POST /build/prune", kEmulated, "nothing is reclaimed: there is no cache besides the images"},
    Coverage{"POST /build/cancel", kEmulated, "a build ends when its client leaves; compat `build_raw_requests`"},
    Coverage{"POST /build", kEmulated,
             "RUN is not executed, files are staged into the containers; compat `build_copies_files`"},
    Coverage{"POST /images/{name*}/tag", kEmulated, "a further name of the record; compat `tag_and_untag`"},
    Coverage{"POST /volumes/create", kEmulated, "a record; compat `volume_create_and_remove`"},
    Coverage{"PUT /volumes/{name}", kRefused, "503: not a swarm manager"},
    Coverage{"GET /system/df", kEmulated, "from the records; docker-py `System.test_usage`"},
    Coverage{"GET /plugins/privileges", kRefused, "501: no plugins in a task"},
    Coverage{"POST /plugins/pull", kRefused, "501: no plugins in a task"},
    Coverage{"POST /plugins/create", kRefused, "501: no plugins in a task"},
    Coverage{"POST /swarm/init", kRefused, "501: ECS places the tasks"},
    Coverage{"POST /swarm/join", kRefused, "501: ECS places the tasks"},
};

// docs/api.md as the route table has it.
std::string api_page() {
  test::TestDaemon daemon;
  std::string page = fmt::format(
      "# Endpoints of the Docker Engine API\n\n"
      "API versions {} to {}, each path with `/vX.Y` in front or without. Made from the route table: "
      "`SOCKERLESS_UPDATE_DOCS=1 build/dev/bin/api_test --gtest_filter='ApiPage.*'` writes it anew. "
      "`exact` answers as Docker Engine does, `emulated` has the same answers with another way behind them, "
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
  EXPECT_EQ(written.str(), expected) << "docs/api.md is stale; its head says how to write it anew";
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

}  // namespace
}  // namespace sockerless
