#include "agent/task/callback_url.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

TEST(CallbackUrl, WithoutPathMeansTheUsualOne) {
  for (const char* text : {"http://10.0.0.1:8080", "http://10.0.0.1:8080/", "ws://10.0.0.1:8080"}) {
    const auto url = parse_callback_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_FALSE(url->tls);
    EXPECT_EQ(url->host, "10.0.0.1");
    EXPECT_EQ(url->port, "8080");
    EXPECT_EQ(url->path, "/internal/v1/agent/connect");
    EXPECT_EQ(url->authority(), "10.0.0.1:8080");
  }
}

TEST(CallbackUrl, SecureSchemesMeanTlsAndPort443) {
  for (const char* text : {"https://daemon.example/x?y=1", "wss://daemon.example/x?y=1"}) {
    const auto url = parse_callback_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->port, "443");
    EXPECT_EQ(url->path, "/x?y=1");
    EXPECT_EQ(url->authority(), "daemon.example");
  }
}

TEST(CallbackUrl, KeepsAddressesOfIpv6Apart) {
  const auto url = parse_callback_url("http://[fd00::1]:99/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "fd00::1");
  EXPECT_EQ(url->port, "99");
  EXPECT_EQ(url->authority(), "[fd00::1]:99");
  EXPECT_EQ(parse_callback_url("http://[::1]")->port, "80");
}

TEST(CallbackUrl, RefusesWhatItCannotDial) {
  for (const char* text : {"", "daemon", "ftp://daemon", "http://", "http:///x", "http://a:0", "http://a:65536",
                           "http://a:b", "http://a:", "http://u@a", "http://a#b", "http://[::1", "http://[::1]x",
                           "http://[::1]:", "http://a b", "http://a/\r\nX: y"}) {
    EXPECT_FALSE(parse_callback_url(text)) << text;
  }
}

}  // namespace
}  // namespace sockerless::agent
