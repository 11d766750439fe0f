#include "docker/stdcopy.h"

#include <gtest/gtest.h>

namespace sockerless::docker {
namespace {

TEST(Stdcopy, HeaderCarriesStreamAndLength) {
  using namespace std::string_literals;
  EXPECT_EQ(stdcopy_frame(2, "err"), "\2\0\0\0\0\0\0\3err"s);
  EXPECT_EQ(stdcopy_frame(1, std::string(258, 'x')).substr(0, 8), "\1\0\0\0\0\0\1\2"s);
}

}  // namespace
}  // namespace sockerless::docker
