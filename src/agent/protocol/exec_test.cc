#include "agent/protocol/exec.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

TEST(ExecParameters, SurviveTheWire) {
  ExecParameters sent;
  sent.arguments = {"sh", "-c", "", "echo $A"};
  sent.environment = {"A=1", "B"};
  sent.working_directory = "/tmp";
  sent.user = "app:staff";
  sent.tty = sent.standard_error = true;
  sent.rows = 33;
  sent.columns = 101;
  const auto received = decode_exec(encode(sent));
  ASSERT_TRUE(received);
  EXPECT_EQ(received->arguments, sent.arguments);
  EXPECT_EQ(received->environment, sent.environment);
  EXPECT_EQ(received->working_directory, "/tmp");
  EXPECT_EQ(received->user, "app:staff");
  EXPECT_TRUE(received->tty);
  EXPECT_FALSE(received->standard_in);
  EXPECT_FALSE(received->standard_out);
  EXPECT_TRUE(received->standard_error);
  EXPECT_FALSE(received->only_check_user);
  EXPECT_EQ(received->rows, 33);
  EXPECT_EQ(received->columns, 101);
}

TEST(ExecParameters, OfEveryShorterMessageAreMalformed) {
  const std::string whole = encode(ExecParameters{.arguments = {"true", "x"}, .environment = {"A=1"}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_exec(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_TRUE(decode_exec(whole));
}

TEST(ExecParameters, WithoutACommandAreMalformed) { EXPECT_FALSE(decode_exec(encode(ExecParameters{}))); }

TEST(ExecParameters, WithAZeroByteAreMalformed) {
  using namespace std::string_literals;
  EXPECT_FALSE(decode_exec(encode(ExecParameters{.arguments = {"a\0b"s}})));
  EXPECT_FALSE(decode_exec(encode(ExecParameters{.arguments = {"a"}, .environment = {"A=\0"s}})));
}

TEST(ExecParameters, CountsAreNotBelieved) {
  std::string bytes(13, '\0');
  bytes.append("\xff\xff\xff\xff", 4);
  EXPECT_FALSE(decode_exec(bytes));
}

TEST(ExecAnswer, IsThePid) {
  EXPECT_EQ(decode_exec_answer(encode_exec_answer(4711)), 4711U);
  EXPECT_FALSE(decode_exec_answer("abc"));
}

}  // namespace
}  // namespace sockerless::agent
