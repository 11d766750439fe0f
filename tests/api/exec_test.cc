#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <csignal>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Socket = asio::local::stream_protocol::socket;
using testing::HasSubstr;
using testing::StartsWith;

class Exec : public testing::Test {
 protected:
  Exec() { daemon_.start("web", id_); }

  std::string create(const std::string& more = "", const std::string& command = R"(["sh","-c","true"])") {
    return daemon_
        .post("/containers/web/exec", R"({"AttachStdout":true,"AttachStderr":true,"Cmd":)" + command + more + "}")
        .at("Id");
  }

  // Sends the request as the CLI does and waits for the head of the answer.
  void start(const std::string& exec, const std::string& body = R"({"Detach":false,"Tty":false})",
             const std::string& headers = "Connection: Upgrade\r\nUpgrade: tcp\r\n") {
    socket_.connect(asio::local::stream_protocol::endpoint(daemon_.listen_on_unix()));
    send("POST /exec/" + exec + "/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    socket_.non_blocking(true);
    const auto has_head = [&] { return received_.find("\r\n\r\n") != std::string::npos; };
    while (!has_head()) look();
    head_ = received_.substr(0, received_.find("\r\n\r\n") + 4);
    received_.erase(0, head_.size());
  }

  void send(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }

  // The daemon holds output back until the head has been read.
  void look() {
    daemon_.settle();
    daemon_.clock.advance(1ms);
    daemon_.settle();
    char part[4096];
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(part), error);
    received_.append(part, count);
    ended_ = error == asio::error::eof;
  }

  std::string rest() {
    while (!ended_) look();
    return received_;
  }

  std::vector<std::string> events() {
    std::vector<std::string> found;
    for (const auto& event : daemon_.events.recent()) {
      if (!event.action.starts_with("exec_")) continue;
      const auto code = event.attributes.find("exitCode");
      found.push_back(event.action + (code == event.attributes.end() ? "" : " " + code->second));
    }
    return found;
  }

  test::TestDaemon daemon_;
  std::string id_ = daemon_.create("web");
  asio::io_context own_;
  Socket socket_{own_};
  std::string head_;
  std::string received_;
  bool ended_ = false;
};

TEST_F(Exec, CarriesOutputInFramesAndRecordsTheExitCodeBeforeTheEnd) {
  daemon_.exec_driver.output = {{1, "out"}, {2, "err"}};
  daemon_.exec_driver.exit_code = 7;
  const std::string exec = create();
  start(exec);
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
                                "Connection: Upgrade\r\nUpgrade: tcp\r\nApi-Version: "));
  EXPECT_EQ(rest(), "\1\0\0\0\0\0\0\3out\2\0\0\0\0\0\0\3err"s);
  const auto view = daemon_.get("/exec/" + exec + "/json");
  EXPECT_EQ(view.at("Running"), "false");
  EXPECT_EQ(view.at("ExitCode"), "7");
  EXPECT_EQ(events(), (std::vector<std::string>{"exec_create: sh -c true", "exec_start: sh -c true", "exec_die 7"}));
}

TEST_F(Exec, WithoutUpgradeIsARawTwoHundred) {
  daemon_.exec_driver.output = {{1, "out"}};
  start(create(), R"({"Detach":false,"Tty":false})", "");
  EXPECT_THAT(head_, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n"));
  EXPECT_EQ(rest(), "\1\0\0\0\0\0\0\3out"s);
}

TEST_F(Exec, OfATerminalIsNotFramed) {
  daemon_.exec_driver.output = {{1, "out\r\n"}};
  start(create(R"(,"Tty":true)"), R"({"Tty":true})");
  EXPECT_THAT(head_, HasSubstr("application/vnd.docker.raw-stream"));
  EXPECT_EQ(rest(), "out\r\n");
}

TEST_F(Exec, PassesTheCommandOn) {
  start(
      create(R"(,"Env":["A=1"],"User":"app","WorkingDir":"/tmp","Tty":true,"AttachStdin":true,"ConsoleSize":[33,101])"),
      R"({"Tty":true})");
  rest();
  ASSERT_EQ(daemon_.exec_driver.commands.size(), 1U);
  const core::ExecCommand& command = daemon_.exec_driver.commands.front();
  EXPECT_EQ(command.arguments, (std::vector<std::string>{"sh", "-c", "true"}));
  EXPECT_EQ(command.environment, std::vector<std::string>{"A=1"});
  EXPECT_EQ(command.user, "app");
  EXPECT_EQ(command.working_directory, "/tmp");
  EXPECT_TRUE(command.tty && command.streams.standard_in);
  EXPECT_EQ(command.size->rows, 33);
  EXPECT_EQ(command.size->columns, 101);
}

TEST_F(Exec, InspectionFollowsItsLife) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create(R"(,"AttachStdin":true,"DetachKeys":"ctrl-a,b")", R"(["echo"])");
  const auto before = daemon_.get("/exec/" + exec + "/json");
  EXPECT_EQ(before.at("ExitCode"), "null");
  EXPECT_EQ(before.at("Running"), "false");
  EXPECT_EQ(before.at("ProcessConfig"), R"({"tty":false,"entrypoint":"echo","arguments":[],"privileged":false})");
  EXPECT_EQ(before.at("DetachKeys"), "AWI=");
  EXPECT_EQ(before.at("ContainerID"), id_);
  EXPECT_EQ(daemon_.get("/containers/web/json").at("ExecIDs"), "[\"" + exec + "\"]");
  start(exec);
  daemon_.settle();
  const auto meanwhile = daemon_.get("/exec/" + exec + "/json");
  EXPECT_EQ(meanwhile.at("Running"), "true");
  EXPECT_EQ(meanwhile.at("ExitCode"), "null");
  EXPECT_EQ(meanwhile.at("Pid"), "42");
  daemon_.exec_driver.may_end.set();
  rest();
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "0");
  EXPECT_EQ(daemon_.get("/containers/web/json").at("ExecIDs"), "null");
}

TEST_F(Exec, IsForgottenFiveMinutesAfterItsEnd) {
  const std::string exec = create();
  daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  daemon_.settle();
  daemon_.clock.advance(4min);
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").status, 200);
  daemon_.clock.advance(2min);
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").message(), "No such exec instance: " + exec);
}

TEST_F(Exec, DetachedIsAnsweredAtOnceAndRunsOn) {
  daemon_.exec_driver.may_end.reset();
  daemon_.exec_driver.exit_code = 3;
  const std::string exec = create();
  const auto reply = daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("Running"), "true");
  daemon_.exec_driver.may_end.set();
  daemon_.settle();
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "3");
}

TEST_F(Exec, RunsOnWhenItsClientIsGone) {
  daemon_.exec_driver.may_end.reset();
  daemon_.exec_driver.exit_code = 5;
  const std::string exec = create();
  start(exec);
  socket_.close();
  daemon_.settle();
  daemon_.clock.advance(6s);
  daemon_.settle();
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("Running"), "true");
  daemon_.exec_driver.may_end.set();
  daemon_.settle();
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "5");
}

TEST_F(Exec, WhatCannotBeRunIsWrittenWhereOutputIsExpected) {
  daemon_.exec_driver.refusal =
      Error(ErrorKind::invalid_argument, "exec: \"nosuch\": executable file not found in $PATH");
  const std::string exec = create();
  start(exec);
  EXPECT_EQ(
      rest().substr(8),
      "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\": executable file "
      "not found in $PATH\r\n");
  EXPECT_EQ(received_[0], '\1');
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "127");
}

TEST_F(Exec, WhatCannotBeRunDetachedIsABadRequest) {
  daemon_.exec_driver.refusal = Error(ErrorKind::invalid_argument, "exec: \"/etc\": is a directory");
  const std::string exec = create();
  const auto reply = daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(),
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"/etc\": is a directory");
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "126");
}

TEST_F(Exec, OfAnUnknownUserIsRefusedWhenItIsCreated) {
  daemon_.exec_driver.no_such_user =
      Error(ErrorKind::invalid_argument, "unable to find user x: no matching entries in passwd file");
  const auto reply = daemon_.post("/containers/web/exec", R"({"Cmd":["true"],"User":"x"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "unable to find user x: no matching entries in passwd file");
}

TEST_F(Exec, ThatIsCutOffSaysSoAndHasNoGoodExitCode) {
  daemon_.exec_driver.cut_off = Error(ErrorKind::unavailable, "connection to the agent lost: end of file");
  const std::string exec = create();
  start(exec);
  EXPECT_EQ(rest()[0], '\2');
  EXPECT_THAT(received_, HasSubstr("was cut off: connection to the agent lost: end of file\r\n"));
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "255");
}

TEST_F(Exec, EndsWithItsContainerAsKilled) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create();
  start(exec);
  daemon_.settle();
  daemon_.agents.exits(id_, 0);
  daemon_.settle();
  daemon_.exec_driver.cut_off = Error(ErrorKind::unavailable, "the agent has left");
  daemon_.exec_driver.may_end.set();
  EXPECT_EQ(rest(), "");
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "137");
}

TEST_F(Exec, StartsOnce) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create();
  start(exec);
  daemon_.settle();
  const auto while_running = daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  EXPECT_EQ(while_running.status, 409);
  EXPECT_EQ(while_running.message(), "exec command " + exec + " is already running");
  daemon_.exec_driver.may_end.set();
  rest();
  EXPECT_EQ(daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})").message(),
            "exec command " + exec + " has already run");
}

TEST_F(Exec, NeedsARunningContainer) {
  const std::string exec = create();
  daemon_.agents.exits(id_, 0);
  daemon_.settle();
  const auto create_reply = daemon_.post("/containers/web/exec", R"({"Cmd":["true"]})");
  EXPECT_EQ(create_reply.status, 409);
  EXPECT_EQ(create_reply.message(), "container " + id_ + " is not running");
  const auto start_reply = daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  EXPECT_EQ(start_reply.status, 404);
  EXPECT_EQ(start_reply.message(), "No such exec instance: " + exec);
}

TEST_F(Exec, UnknownOnesAreNotFound) {
  for (const auto& reply : {daemon_.get("/exec/nosuch/json"), daemon_.post("/exec/nosuch/start", R"({"Detach":false})"),
                            daemon_.post("/exec/nosuch/resize?h=1&w=1")}) {
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.message(), "No such exec instance: nosuch");
  }
  EXPECT_EQ(daemon_.post("/containers/ghost/exec", R"({"Cmd":["true"]})").status, 404);
}

TEST_F(Exec, BadBodiesAreRefused) {
  EXPECT_EQ(daemon_.post("/containers/web/exec", R"({"Cmd":[]})").message(), "No exec command specified");
  EXPECT_EQ(daemon_.post("/containers/web/exec", R"({"Cmd":["true"],"DetachKeys":"nosuch"})").status, 400);
  EXPECT_EQ(daemon_.post("/containers/web/exec", "{bad").status, 400);
}

TEST_F(Exec, ResizesItsTerminal) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create(R"(,"Tty":true)");
  EXPECT_EQ(daemon_.post("/exec/" + exec + "/resize?h=33&w=101").status, 409);
  start(exec, R"({"Tty":true})");
  EXPECT_EQ(daemon_.post("/exec/" + exec + "/resize?h=33&w=101").status, 200);
  ASSERT_EQ(daemon_.exec_driver.sizes.size(), 1U);
  EXPECT_EQ(daemon_.exec_driver.sizes[0].columns, 101);
  EXPECT_EQ(daemon_.post("/exec/" + exec + "/resize?h=x&w=101").message(),
            "invalid resize height \"x\": invalid syntax");
  EXPECT_EQ(daemon_.post("/exec/" + exec + "/resize?h=70000&w=1").message(),
            "invalid resize height \"70000\": value out of range");
}

TEST_F(Exec, InputAndItsEndReachTheCommand) {
  daemon_.exec_driver.may_end.reset();
  start(create(R"(,"AttachStdin":true)"));
  send("hello");
  socket_.shutdown(Socket::shutdown_send);
  daemon_.settle();
  EXPECT_EQ(daemon_.exec_driver.input, "hello");
  EXPECT_EQ(daemon_.exec_driver.inputs_closed, 1);
  look();
  EXPECT_FALSE(ended_);
}

TEST_F(Exec, TheEndOfInputIsATerminalsClientsOwn) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create(R"(,"AttachStdin":true,"Tty":true)");
  start(exec, R"({"Tty":true})");
  socket_.shutdown(Socket::shutdown_send);
  EXPECT_EQ(rest(), "");
  EXPECT_EQ(daemon_.exec_driver.inputs_closed, 0);
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("Running"), "true");
}

TEST_F(Exec, DetachKeysLetTheClientGoAndTheCommandRunOn) {
  daemon_.exec_driver.may_end.reset();
  const std::string exec = create(R"(,"AttachStdin":true,"Tty":true,"DetachKeys":"ctrl-a,b")");
  start(exec, R"({"Tty":true})");
  send("\1x\1b");
  EXPECT_EQ(rest(), "");
  EXPECT_EQ(daemon_.exec_driver.input, "\1x");
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("Running"), "true");
  EXPECT_EQ(events().back(), "exec_detach");
}

TEST_F(Exec, IsKnownAfterARestartOfTheDaemon) {
  const std::string waiting = create(R"(,"User":"bob","WorkingDir":"/w","Env":["A=1"],"Tty":true)");
  const std::string running = create();
  daemon_.exec_driver.may_end.reset();
  start(running);
  core::Execs next(daemon_.loop.get_executor(), daemon_.services, daemon_.lifecycle.table());
  next.recover();
  const core::Exec created = next.get(waiting);
  EXPECT_FALSE(created.is_running);
  EXPECT_FALSE(created.exit_code);
  EXPECT_THAT(created.command.arguments, testing::ElementsAre("sh", "-c", "true"));
  EXPECT_THAT(created.command.environment, testing::ElementsAre("A=1"));
  EXPECT_EQ(created.command.user + created.command.working_directory, "bob/w");
  EXPECT_TRUE(created.command.tty);
  EXPECT_TRUE(created.command.streams.standard_out);
  EXPECT_FALSE(next.get(running).is_running);
  EXPECT_EQ(next.get(running).exit_code, 255);
  test::run(daemon_.loop, next.shut_down());
}

TEST_F(Exec, IsForgottenWithTheRunOfItsContainer) {
  const std::string exec = create();
  daemon_.agents.exits(id_, 0);
  daemon_.settle();
  core::Execs next(daemon_.loop.get_executor(), daemon_.services, daemon_.lifecycle.table());
  next.recover();
  EXPECT_THROW(next.get(exec), Error);
  daemon_.settle();
  EXPECT_TRUE(daemon_.store.load("execs").empty());
  test::run(daemon_.loop, next.shut_down());
}

}  // namespace
}  // namespace sockerless
