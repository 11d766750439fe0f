#include "cloud/front/front_door.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "http/client.h"
#include "http/server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::cloud {
namespace {

struct Greeting {
  std::string name;
  static constexpr auto fields() { return std::tuple{json::field("name", &Greeting::name)}; }
};

Greeting greet(const std::string& words, Greeting request) { return {words + " " + request.name}; }

// The door on a real server; requests are signed here, by the functions that the vectors pin.
class FrontDoorTest : public testing::Test {
 protected:
  FrontDoorTest() {
    Service service("Greeter_1", "greeter");
    service.add("Greet", words_, greet);
    door_.add(std::move(service));
    auto listener = std::make_unique<http::Listener>(loop_.get_executor(), "127.0.0.1:0");
    host_ = "127.0.0.1:" + std::to_string(listener->port());
    server_.serve(std::move(listener));
  }
  ~FrontDoorTest() override { sockerless::test::run(loop_, server_.stop({})); }

  http::ClientResponse post(const std::string& target, const std::string& body, const std::string& service = "greeter",
                            const std::string& content_type = "application/x-amz-json-1.1") {
    const std::string date_time = format_iso8601_basic(clock_.now());
    const std::string scope = date_time.substr(0, 8) + "/us-east-1/" + service + "/aws4_request";
    SignedRequest request;
    request.headers = {{"host", host_}, {"x-amz-date", date_time}};
    request.body = body;
    const std::string signature =
        signature_of(canonical_request(request, {"host", "x-amz-date"}), date_time, scope, Secret("local"));
    http::ClientRequest sent;
    sent.method = "POST";
    sent.url = "http://" + host_ + "/";
    sent.headers = {{"Content-Type", content_type},
                    {"X-Amz-Target", target},
                    {"X-Amz-Date", date_time},
                    {"Authorization", "AWS4-HMAC-SHA256 Credential=local/" + scope +
                                          ", SignedHeaders=host;x-amz-date, Signature=" + signature}};
    sent.body = body;
    return sockerless::test::run(loop_, client_.send(std::move(sent)));
  }

  asio::io_context loop_;
  sockerless::test::ManualClock clock_{loop_.get_executor()};
  const std::string words_ = "good day";
  Faults faults_{{}, "us-east-1", clock_};
  FrontDoor door_{SignatureVerifier({"local", Secret("local"), Secret()}, "us-east-1"),
                  {"us-east-1", "000000000000"},
                  clock_,
                  faults_};
  http::Server server_{loop_.get_executor(), clock_,
                       [this](http::Exchange& exchange) { return door_.handle(exchange); }};
  http::Client client_{loop_.get_executor()};
  std::string host_;
};

TEST_F(FrontDoorTest, AnswersInTheProtocol) {
  const auto reply = post("Greeter_1.Greet", R"({"name":"Ada"})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"name":"good day Ada"})");
  EXPECT_EQ(reply.header("content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(reply.header("x-amzn-requestid").size(), 36u);
  EXPECT_FALSE(reply.header("date").empty());
}

TEST_F(FrontDoorTest, ABodyThatIsNoJsonIsTheFirstThingWrong) {
  const auto reply = post("Nobody.Knows", "{", "other");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"({"__type":"SerializationException","message":""})");
  EXPECT_EQ(reply.header("x-amzn-errortype"), "SerializationException");
}

TEST_F(FrontDoorTest, AnUnknownOperationComesBeforeTheSignature) {
  EXPECT_EQ(post("Greeter_1.Insult", "{}", "other").body, R"({"__type":"UnknownOperationException","message":""})");
}

TEST_F(FrontDoorTest, TheSignatureIsForTheService) {
  EXPECT_NE(post("Greeter_1.Greet", "{}", "other").body.find("InvalidSignatureException"), std::string::npos);
}

TEST_F(FrontDoorTest, StsSpeaksTheQueryProtocol) {
  const std::string form = "application/x-www-form-urlencoded; charset=utf-8";
  const auto reply = post("", "Action=GetCallerIdentity&Version=2011-06-15", "sts", form);
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("<Account>000000000000</Account>"), std::string::npos);
  const auto refused = post("", "Action=GetCallerIdentity&Version=2011-06-15", "ecs", form);
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("<Code>SignatureDoesNotMatch</Code>"), std::string::npos);
}

}  // namespace
}  // namespace sockerless::cloud
