#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "http/target.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::Reply;
using test::TestDaemon;

// A request's body and what is wrong with it.
struct BadBody {
  const char* what;
  std::string text;
};

std::string many_members() {
  std::string text = R"({"Image":"busybox","Labels":{)";
  for (int i = 0; i < 10'000; ++i) text += fmt::format("{}\"l{}\":\"\"", i == 0 ? "" : ",", i);
  return text + "}}";
}

std::vector<BadBody> bad_bodies() {
  return {
      {"missing", ""},
      {"blank", " \t\r\n"},
      {"cut off", "{bad"},
      {"an array", "[]"},
      {"null", "null"},
      {"a number", "3"},
      {"two documents", "{}{}"},
      {"a NUL byte", std::string("{\"Image\":\"a\0b\"}", 15)},
      {"an escaped NUL byte", R"({"Image":"a\u0000b","Name":"\u0000","Cmd":["\u0000"],"Env":["\u0000"]})"},
      {"half a surrogate pair", R"({"Image":"\ud800","Name":"\ud800"})"},
      {"wrong types", R"({"Image":3,"Name":{},"Labels":[],"Cmd":5,"HostConfig":"x"})"},
      {"wrong types inside", R"({"HostConfig":{"Memory":"much"},"Driver":7,"RestartPolicy":[]})"},
      {"wrong types far inside", R"({"Image":"busybox","HostConfig":{"PortBindings":{"80/tcp":[7]},"Binds":[{}]}})"},
      {"negative numbers", R"({"Memory":-1,"NanoCpus":-9223372036854775808,"StopTimeout":-9,"PidsLimit":-7})"},
      {"huge numbers", R"({"Memory":1e308,"StopTimeout":99999999999999999999,"CpuShares":18446744073709551615})"},
      {"bytes that are no UTF-8", "{\"Image\":\"\xff\xfe\"}"},
      {"very deep", std::string(2000, '[')},
      {"a very long name", R"({"Image":"busybox","Name":")" + std::string(100'000, 'n') + "\"}"},
      {"many members", many_members()}};
}

std::string filled(std::string pattern, const std::string& word) {
  for (auto at = pattern.find('{'); at != std::string::npos; at = pattern.find('{')) {
    pattern.replace(at, pattern.find('}', at) + 1 - at, word);
  }
  return pattern;
}

bool takes_body(const std::string& method) { return method == "POST" || method == "PUT"; }

// Every route of the daemon: with words that name nothing, and with a running container, a command in it, a
// volume and an image.
class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    daemon_.start("web", daemon_.create("web"));
    daemon_.files_driver.sizes["web"] = 0;
    exec_ = daemon_.post("/containers/web/exec", R"({"Cmd":["true"]})").at("Id");
    daemon_.post("/volumes/create", R"({"Name":"data"})");
  }

  std::string known(const std::string& pattern) const {
    if (pattern.starts_with("/exec/")) return filled(pattern, exec_);
    if (pattern.starts_with("/images/")) return filled(pattern, "busybox");
    return filled(pattern, pattern.starts_with("/volumes/") ? "data" : "web");
  }

  // True for what ends only with the container.
  static bool waits(const std::string& pattern) {
    static const std::set<std::string> patterns{"/containers/{name}/wait", "/containers/{name}/stop",
                                                "/containers/{name}/restart", "/containers/{name}/attach",
                                                "/containers/{name}/kill"};
    return patterns.count(pattern) != 0;
  }

  // A stream of events ends by itself only with a time.
  static std::string with_end(const std::string& path) { return path == "/events" ? path + "?since=1&until=1" : path; }

  // Attaching answers before its stream in the stream's own type, as Docker does.
  static bool answers_in_text(const std::string& path) { return path.find("/attach") != std::string::npos; }

  // Whatever comes in, it is answered, and not with a failure of the daemon's own: an error has a body that
  // says what is wrong, in Docker's shape.
  void expect_answer(const std::string& method, const std::string& path, const Reply& reply, const std::string& what) {
    EXPECT_GE(reply.status, 200) << method << " " << path << ": " << what;
    EXPECT_NE(reply.status, 500) << method << " " << path << ": " << what << ": " << reply.text;
    if (reply.status < 400 || method == "HEAD" || answers_in_text(path)) return;
    EXPECT_EQ(reply.content_type, "application/json") << method << " " << path << ": " << what;
    EXPECT_FALSE(reply.message().empty()) << method << " " << path << ": " << what << ": " << reply.text;
    EXPECT_NE(reply.message(), "(absent)") << method << " " << path << ": " << what << ": " << reply.text;
  }

  void send(const std::string& method, const std::string& path, const std::string& body, const std::string& what) {
    expect_answer(method, path, daemon_.request(method, path, body), what);
  }

  TestDaemon daemon_;
  std::string exec_;
};

TEST_F(BadInput, AWrongMethodIsNotFound) {
  for (const auto& route : daemon_.router().listing()) {
    const std::string path = filled(route.pattern, "x");
    for (const char* method : {"PATCH", "TRACE", "MKCOL"}) {
      const Reply reply = daemon_.request(method, path);
      EXPECT_EQ(reply.status, 404) << method << " " << path;
      EXPECT_EQ(reply.message(), "page not found") << method << " " << path;
    }
  }
}

TEST_F(BadInput, BodiesForWhatDoesNotExist) {
  for (const auto& route : daemon_.router().listing()) {
    if (!takes_body(route.method)) continue;
    for (const BadBody& body : bad_bodies()) send(route.method, filled(route.pattern, "no-such"), body.text, body.what);
  }
}

TEST_F(BadInput, BodiesForWhatExists) {
  for (const auto& route : daemon_.router().listing()) {
    if (!takes_body(route.method) || waits(route.pattern)) continue;
    for (const BadBody& body : bad_bodies()) send(route.method, known(route.pattern), body.text, body.what);
  }
}

TEST_F(BadInput, BodiesBeyondTheLimitAreTooLarge) {
  const std::string body = R"({"Image":")" + std::string(17 * 1024 * 1024, 'x') + "\"}";
  for (const char* path : {"/containers/create", "/containers/web/exec", "/containers/web/update", "/volumes/create"}) {
    const Reply reply = daemon_.post(path, body);
    EXPECT_EQ(reply.status, 413) << path;
    EXPECT_EQ(reply.message(), "the request body is larger than 16777216 bytes") << path;
  }
}

TEST_F(BadInput, OversizedBodiesAreAnsweredEverywhere) {
  const std::string body = R"({"Name":")" + std::string(17 * 1024 * 1024, 'x') + "\"}";
  for (const auto& route : daemon_.router().listing()) {
    if (takes_body(route.method)) send(route.method, filled(route.pattern, "no-such"), body, "17 MiB");
  }
}

TEST_F(BadInput, OddWordsForNames) {
  for (const auto& route : daemon_.router().listing()) {
    if (route.pattern.find('{') == std::string::npos) continue;
    for (const std::string& word :
         {std::string("%00"), std::string("web%00"), std::string("%ff%fe"), std::string("%2e%2e"), std::string("%20"),
          std::string("%F0%9F%98%80"), std::string("-1"), std::string("a%0d%0ab"), std::string("%25%zz%"),
          std::string(5000, 'a'), std::string(200'000, 'a')}) {
      send(route.method, filled(route.pattern, word), "", word.substr(0, 20));
    }
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
          std::string(R"({"name":["(((((","[a-"]})"), std::string(R"({"label":{"a":"b"}})"),
          std::string(R"({"until":["-1"],"before":["x"]})"), std::string(R"({"label":["\u0000"]})"),
          std::string("\xff")}) {
      const std::string path = with_end(route.pattern) + (route.pattern == "/events" ? "&" : "?") +
                               "filters=" + http::percent_encode(filters);
      send(route.method, path, "", "filters");
    }
  }
}

TEST_F(BadInput, NumbersThatAreNone) {
  for (const auto& route : daemon_.router().listing()) {
    if (route.pattern == "/events" || waits(route.pattern)) continue;
    for (const char* number : {"-1", "x", "99999999999999999999", "%00", "1e9", "0x7", "-9223372036854775808"}) {
      const std::string query =
          fmt::format("?t={0}&h={0}&w={0}&limit={0}&tail={0}&since={0}&until={0}&signal={0}", number);
      send(route.method, filled(route.pattern, "no-such") + query, "", "numbers");
      if (takes_body(route.method)) send(route.method, known(route.pattern) + query, "", "numbers");
    }
  }
}

}  // namespace
}  // namespace sockerless
