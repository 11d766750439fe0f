#include "tests/support/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

#ifdef SOCKERLESS_OPENAPI

std::string with_words_for_parameters(std::string path) {
  for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
    path.replace(at, path.find('}', at) + 1 - at, "x");
  }
  return path;
}

// What docs/compatibility.md says is not served: BuildKit's session, whose 404 makes buildx fall back to what works
// here.
bool is_absent_on_purpose(const std::string& path) { return path == "/session"; }

TEST(OpenApi, EveryOperationOfTheDescriptionHasARoute) {
  test::TestDaemon daemon;
  const test::OpenApi description(SOCKERLESS_OPENAPI);
  EXPECT_GT(description.operations().size(), 100u);
  for (const auto& operation : description.operations()) {
    if (is_absent_on_purpose(operation.path)) continue;
    EXPECT_TRUE(daemon.router().match(operation.method, with_words_for_parameters(operation.path)))
        << operation.method << " " << operation.path;
  }
}

TEST(OpenApi, WrongTypesAndMissingMembersAreFound) {
  const test::OpenApi description(SOCKERLESS_OPENAPI);
  EXPECT_THAT(description.violations("GET", "/volumes/x", 200, json::parse_value(R"({"Name":1})")),
              testing::IsSupersetOf(
                  {testing::HasSubstr("Driver is missing"), testing::HasSubstr(".Name: not of type string: 1")}));
  EXPECT_THAT(description.violations("GET", "/nodes", 503, json::parse_value(R"({"message":null})")),
              testing::ElementsAre(testing::HasSubstr("null instead of string")));
}

#endif

}  // namespace
}  // namespace sockerless
