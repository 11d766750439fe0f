#include "docker/stream_time.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::docker {
namespace {

using namespace std::chrono_literals;

TEST(StreamTime, TakesSecondsFractionsAndRfc3339) {
  EXPECT_EQ(parse_stream_time("since", "10"), Time(10s));
  EXPECT_EQ(parse_stream_time("since", "10.25"), Time(10s + 250ms));
  EXPECT_EQ(parse_stream_time("since", "1970-01-01T00:00:10Z"), Time(10s));
  EXPECT_EQ(parse_stream_time("since", "0"), std::nullopt);
}

TEST(StreamTime, FarTimesAreTheEndOfTimeNotItsBeginning) {
  EXPECT_GT(*parse_stream_time("since", "32472144000.000000000"), Time(std::chrono::years(200)));
}

constexpr Time kEarliest(-4'611'686'018s);

TEST(StreamTime, EarlyTimesAreAsEarlyAsTheirDistanceCanBeTold) {
  EXPECT_EQ(parse_stream_time("until", "-1233720368547758072"), kEarliest);
  EXPECT_EQ(parse_stream_time("until", "1012-01-01T00:00:00Z"), kEarliest);
}

TEST(StreamTime, NamesTheParameterThatIsWrong) {
  try {
    parse_stream_time("since", "bogus");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("invalid value for \"since\": invalid timestamp \"bogus\": "));
  }
}

TEST(LogTime, HasNineDigits) { EXPECT_EQ(format_log_time(Time(10s + 250ms)), "1970-01-01T00:00:10.250000000Z"); }

}  // namespace
}  // namespace sockerless::docker
