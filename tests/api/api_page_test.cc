#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

// docs/api.md as the route table has it.
std::string api_page() {
  test::TestDaemon daemon;
  std::string page = fmt::format(
      "# Served endpoints of the Docker Engine API\n\n"
      "API versions {} to {}, each path with `/vX.Y` in front or without. Made from the route table: "
      "`SOCKERLESS_UPDATE_DOCS=1 build/dev/bin/api_test --gtest_filter='ApiPage.*'` writes it anew. "
      "Everything else answers 404, `page not found`.\n\n| method | path |\n|---|---|\n",
      docker::kOldest.text(), docker::kNewest.text());
  for (const auto& route : daemon.router().listing()) {
    page += fmt::format("| {} | `{}` |\n", route.method, route.pattern);
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

}  // namespace
}  // namespace sockerless
