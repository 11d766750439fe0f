#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/target.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::Reply;
using test::TestDaemon;

// Every route of the daemon with one word for each of its parameters.
class BadInput : public testing::Test {
 protected:
  static std::string filled(std::string pattern, const std::string& word) {
    for (auto at = pattern.find('{'); at != std::string::npos; at = pattern.find('{')) {
      pattern.replace(at, pattern.find('}', at) + 1 - at, word);
    }
    return pattern;
  }

  // A stream of events ends by itself only with a time.
  static std::string with_end(const std::string& path) { return path == "/events" ? path + "?since=1&until=1" : path; }

  // Whatever comes in, it is answered, as Docker answers: an error has a body that says what is wrong.
  void expect_answer(const Reply& reply, const std::string& what) {
    EXPECT_GE(reply.status, 200) << what;
    if (reply.status < 400 || reply.text.empty()) return;
    const bool is_json = reply.content_type == "application/json";
    EXPECT_FALSE(is_json && reply.message().empty()) << what << ": " << reply.text;
  }

  // Nothing that a client sends is the daemon's own failure.
  void expect_no_failure(const Reply& reply, const std::string& what) {
    expect_answer(reply, what);
    EXPECT_NE(reply.status, 500) << what << ": " << reply.text;
  }

  TestDaemon daemon_;
};

TEST_F(BadInput, AWrongMethodIsNotFound) {
  for (const auto& route : daemon_.router().listing()) {
    const std::string path = filled(route.pattern, "x");
    for (const char* method : {"PATCH", "TRACE", "MKCOL"}) {
      const Reply reply = daemon_.request(method, path);
      EXPECT_EQ(reply.status, 404) << method << " " << path;
    }
  }
}

TEST_F(BadInput, BodiesThatAreNoJsonOrOfTheWrongTypes) {
  const std::string nul("{\"Image\":\"a\0b\"}", 15);
  for (const auto& route : daemon_.router().listing()) {
    if (route.method != "POST" && route.method != "PUT") continue;
    const std::string path = filled(route.pattern, "x");
    for (const std::string& body : {std::string("{bad"), std::string("[]"), std::string("null"), std::string("3"), nul,
                                    std::string(R"({"Image":3,"Name":{},"Labels":[],"Cmd":5,"HostConfig":"x"})"),
                                    std::string(R"({"HostConfig":{"Memory":"much"},"Driver":7,"RestartPolicy":[]})"),
                                    std::string(R"({"Memory":-1,"NanoCpus":-9223372036854775808})"),
                                    std::string("{\"Image\":\"\xff\xfe\"}"), std::string(2000, '[')}) {
      expect_no_failure(daemon_.request(route.method, path, body),
                        route.method + " " + path + " " + body.substr(0, 60));
    }
  }
}

TEST_F(BadInput, OddWordsForNames) {
  for (const auto& route : daemon_.router().listing()) {
    if (route.pattern.find('{') == std::string::npos) continue;
    for (const char* word : {"%00", "%ff%fe", "%2e%2e", "%20", "%F0%9F%98%80", "-1", "a%0d%0ab"}) {
      expect_no_failure(daemon_.request(route.method, filled(route.pattern, word)), route.method + " " + route.pattern);
    }
    expect_no_failure(daemon_.request(route.method, filled(route.pattern, std::string(5000, 'a'))), route.pattern);
  }
}

TEST_F(BadInput, TenThousandFilters) {
  std::string many = "{\"label\":[";
  for (int i = 0; i < 10'000; ++i) many += fmt::format("{}\"l{}\"", i == 0 ? "" : ",", i);
  many += "]}";
  for (const auto& route : daemon_.router().listing()) {
    if (route.pattern.find('{') != std::string::npos) continue;
    for (const std::string& filters :
         {many, std::string("{\"label\":"), std::string("[]"), std::string("{\"no-such-filter\":[\"x\"]}"),
          std::string(R"({"name":["(((((","[a-"]})"), std::string(R"({"label":{"a":"b"}})"), std::string("\xff")}) {
      const std::string query = with_end(route.pattern) + (route.pattern == "/events" ? "&" : "?") +
                                "filters=" + http::percent_encode(filters);
      expect_no_failure(daemon_.request(route.method, query), route.method + " " + route.pattern);
    }
  }
}

TEST_F(BadInput, NumbersThatAreNone) {
  daemon_.create("web");
  for (const auto& route : daemon_.router().listing()) {
    if (route.pattern == "/events") continue;
    const std::string path = filled(route.pattern, "no-such");
    for (const char* number : {"-1", "x", "99999999999999999999", "%00", "1e9"}) {
      const std::string query =
          fmt::format("?t={0}&h={0}&w={0}&limit={0}&tail={0}&since={0}&until={0}&signal={0}", number);
      expect_no_failure(daemon_.request(route.method, path + query), route.method + " " + path + query);
    }
  }
}

}  // namespace
}  // namespace sockerless
