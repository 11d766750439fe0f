#include "http/router.h"

#include <gtest/gtest.h>

namespace sockerless::http {
namespace {

Router make_router() {
  Router router;
  const Handler nothing = [](Exchange&) -> Awaitable<void> { co_return; };
  router.get("/containers/json", nothing);
  router.get("/containers/{name}/json", nothing);
  router.get("/images/{name*}/json", nothing);
  router.del("/images/{name*}", nothing);
  return router;
}

TEST(Router, FindsParameters) {
  const Router router = make_router();
  EXPECT_EQ(router.match("GET", "/containers/web/json")->params, (Router::Params{{"name", "web"}}));
  EXPECT_EQ(router.match("GET", "/images/a/b%3A1/json")->params, (Router::Params{{"name", "a/b:1"}}));
  EXPECT_EQ(router.match("DELETE", "/images/ghcr.io/x/y")->params, (Router::Params{{"name", "ghcr.io/x/y"}}));
}

TEST(Router, TrailingSlashIsTheSamePath) { EXPECT_TRUE(make_router().match("GET", "/containers/json/")); }

TEST(Router, OtherMethodOrPathHasNoMatch) {
  const Router router = make_router();
  EXPECT_FALSE(router.match("POST", "/containers/json"));
  EXPECT_FALSE(router.match("GET", "/containers"));
  EXPECT_FALSE(router.match("GET", "/images/json/extra/none"));
}

}  // namespace
}  // namespace sockerless::http
