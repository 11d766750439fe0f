#include "docker/until_filter.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::test {
namespace {

using namespace std::chrono_literals;
using docker::Filters;
using docker::parse_go_duration;

TEST(GoDuration, ReadsWhatGoWrites) {
  EXPECT_EQ(parse_go_duration("1h30m"), 90min);
  EXPECT_EQ(parse_go_duration("500ms"), 500ms);
  EXPECT_EQ(parse_go_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_go_duration("0"), 0s);
  EXPECT_FALSE(parse_go_duration(""));
  EXPECT_FALSE(parse_go_duration("10"));
  EXPECT_FALSE(parse_go_duration("h"));
  EXPECT_FALSE(parse_go_duration("1.2.3s"));
  EXPECT_FALSE(parse_go_duration("99999999999999999999h"));
}

TEST(UntilFilter, IsATimeOrADurationBeforeNow) {
  const Time now{100h};
  EXPECT_FALSE(parse_until_filter(Filters(), now));
  EXPECT_EQ(parse_until_filter(Filters::parse(R"({"until":["24h"]})", {"until"}), now), Time{76h});
  EXPECT_EQ(parse_until_filter(Filters::parse(R"({"until":["3600"]})", {"until"}), now), Time{1h});
  EXPECT_THROW(parse_until_filter(Filters::parse(R"({"until":["1h","2h"]})", {"until"}), now), Error);
  EXPECT_THROW(parse_until_filter(Filters::parse(R"({"until":["yesterday"]})", {"until"}), now), Error);
}

}  // namespace
}  // namespace sockerless::test
