#include "agent/protocol/handshake.h"

#include <gtest/gtest.h>

#include "base/sha1.h"
#include "base/websocket.h"

namespace sockerless::agent {
namespace {

std::string hex(const std::array<std::uint8_t, 20>& digest) {
  std::string out;
  for (const std::uint8_t byte : digest) {
    out.push_back("0123456789abcdef"[byte >> 4]);
    out.push_back("0123456789abcdef"[byte & 15]);
  }
  return out;
}

TEST(Sha1, MatchesTheStandardsExamples) {
  EXPECT_EQ(hex(sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(sha1(std::string(1000000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Base64, PadsToGroupsOfFour) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

// The example of RFC 6455 section 1.3.
TEST(Handshake, AcceptsTheKeyAsTheStandardSays) {
  EXPECT_EQ(websocket::accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, RequestAndResponseAreUnderstoodByTheOtherSide) {
  const std::string key = make_key("0123456789abcdef");
  const std::string request =
      upgrade_request({.host = "daemon:9111", .key = key, .token = "secret", .container_id = "c1", .launch_id = "l1"});
  ASSERT_EQ(find_head_end(request), request.size());
  const auto head = parse_head(request);
  ASSERT_TRUE(head);
  EXPECT_TRUE(is_upgrade_request(*head));
  EXPECT_EQ(head->second, kConnectPath);
  EXPECT_EQ(bearer_token(*head), "secret");
  EXPECT_EQ(head->header("x-sockerless-container"), "c1");
  EXPECT_EQ(head->header(kLaunchHeader), "l1");

  const auto answer = parse_head(upgrade_response(head->header("Sec-WebSocket-Key")));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(is_upgrade_response(*answer, key));
  EXPECT_FALSE(is_upgrade_response(*answer, make_key("another key 16 b")));
}

TEST(Handshake, FindsNoEndInEveryProperPrefix) {
  const std::string response = upgrade_response("dGhlIHNhbXBsZSBub25jZQ==");
  for (std::size_t size = 0; size < response.size(); ++size) {
    EXPECT_FALSE(find_head_end(std::string_view(response).substr(0, size))) << size;
  }
}

TEST(Handshake, RefusesHeadsThatAreNotHttp) {
  for (const char* head : {"", "\r\n\r\n", "GET\r\n\r\n", "GET / SSH-2.0\r\n\r\n", " / HTTP/1.1\r\n\r\n",
                           "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
                           "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nA: b\rB: c\r\n\r\n"}) {
    EXPECT_FALSE(parse_head(head)) << head;
  }
}

TEST(Handshake, PlainRequestIsNoUpgrade) {
  const auto head = parse_head("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_FALSE(is_upgrade_request(*head));
  EXPECT_EQ(bearer_token(*head), "");
}

TEST(Secret, EqualsOnlyItself) {
  EXPECT_TRUE(is_same_secret("token", "token"));
  for (const char* other : {"", "t", "toke", "tokem", "Token", "tokentoken", "token\n"}) {
    EXPECT_FALSE(is_same_secret(other, "token")) << other;
  }
  EXPECT_FALSE(is_same_secret("", ""));
}

}  // namespace
}  // namespace sockerless::agent
