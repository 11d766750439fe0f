#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "cloud/images/descriptor.h"
#include "cloud/runner/runner_fixture.h"

namespace sockerless::cloud {
namespace {

using testing::HasSubstr;

// What a server at the address says; empty if none answers.
std::string ask(const std::string& address, int port) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
      char buffer[64];
      const auto size = ::recv(socket.get(), buffer, sizeof buffer, 0);
      return std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    ::poll(nullptr, 0, 10);
  }
  return {};
}

TEST_F(RunnerTest, TasksReachEachOtherAndTheHostReachesThem) {
  Runner& runner = this->runner();
  ContainerSpec server = shell("while :; do echo hello from $HOSTNAME | nc -l -p 8080; done");
  server.hostname = "server";
  server.network = run(runner.create_network("server"));
  const std::string address = server.network.address;
  run(runner.start(std::move(server), ignore()));
  EXPECT_EQ(ask(address, 8080), "hello from server\n");

  ContainerSpec client = shell("until nc " + address + " 8080 </dev/null; do sleep 0.01; done; cat /etc/hosts");
  client.hostname = "client";
  client.network = run(runner.create_network("client"));
  const std::string own_address = client.network.address;
  const std::string own_namespace = client.network.namespace_path;
  const std::string out = run_container(std::move(client)).out;
  EXPECT_THAT(out, HasSubstr("hello from server\n"));
  EXPECT_THAT(out, HasSubstr(own_address + "\tclient\n"));
  run(runner.remove("test-1"));
  run(runner.remove_network("server"));
  run(runner.remove_network("client"));
  EXPECT_FALSE(fs::exists(fs::path(own_namespace).parent_path()));
}

TEST_F(RunnerTest, ATaskReachesTheHostAtTheGateway) {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  ::inet_pton(AF_INET, runner().gateway().c_str(), &at.sin_addr);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
  ContainerSpec client = spec({"/bin/nc", runner().gateway(), std::to_string(ntohs(at.sin_port)), "-e", "/bin/true"});
  client.network = run(runner().create_network("client"));
  EXPECT_EQ(client.network.gateway, runner().gateway());
  EXPECT_EQ(run_container(std::move(client)).exit.code, 0);
}

TEST_F(RunnerTest, ContainersOfATaskShareItsNetwork) {
  const Network network = run(runner().create_network("task"));
  EXPECT_EQ(run(runner().create_network("task")).address, network.address);
  ContainerSpec server = shell("while :; do echo shared | nc -l -p 9000; done");
  server.network = network;
  run(runner().start(std::move(server), ignore()));
  ContainerSpec client = shell("until nc 127.0.0.1 9000 </dev/null; do sleep 0.01; done");
  client.network = network;
  EXPECT_EQ(run_container(std::move(client)).out, "shared\n");
}

}  // namespace
}  // namespace sockerless::cloud
