#include "base/time.h"

#include <gtest/gtest.h>

namespace sockerless {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Time, PrintsAsGoDoes) {
  EXPECT_EQ(format_rfc3339_nano(Time(seconds(1440938160))), "2015-08-30T12:36:00Z");
  EXPECT_EQ(format_rfc3339_nano(Time(seconds(1440938160) + nanoseconds(120'000'000))), "2015-08-30T12:36:00.12Z");
}

TEST(Time, ReadsZonesAndFractions) {
  EXPECT_EQ(parse_rfc3339("2015-08-30T14:36:00.5+02:00"), Time(seconds(1440938160) + nanoseconds(500'000'000)));
  EXPECT_EQ(parse_rfc3339("2015-08-30T12:36:00Z"), Time(seconds(1440938160)));
}

TEST(Time, RefusesImpossibleTimes) {
  for (const char* text : {"", "2015-02-30T00:00:00Z", "2015-08-30 12:36:00Z", "2015-08-30T12:36:00",
                           "2015-08-30T12:36:00.Z", "2015-08-30T12:36:00Zx"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

constexpr Time kEarliest(seconds(-4'611'686'018));

TEST(Time, BeyondWhatNanosecondsReachIsTheirEnd) {
  EXPECT_EQ(parse_rfc3339("1012-01-01T00:00:00Z"), kEarliest);
  EXPECT_LT(kEarliest - Time(seconds(4'000'000'000)), nanoseconds(0));
  EXPECT_EQ(parse_rfc3339("2262-04-11T23:47:15-23:59"), Time::max());
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59.9Z"), Time::max());
  EXPECT_EQ(parse_http_date("Mon, 01 Jan 1012 00:00:00 GMT"), parse_rfc3339("1012-01-01T00:00:00Z"));
}

TEST(Time, HttpDateRoundTrips) {
  const Time time(seconds(1440938160));
  EXPECT_EQ(format_http_date(time), "Sun, 30 Aug 2015 12:36:00 GMT");
  EXPECT_EQ(parse_http_date(format_http_date(time)), time);
}

TEST(Time, SignatureFormHasNoSeparators) {
  EXPECT_EQ(format_iso8601_basic(Time(seconds(1440938160))), "20150830T123600Z");
}

}  // namespace
}  // namespace sockerless
