#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::Reply;
using test::TestDaemon;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class NetworkRoutes : public testing::Test {
 protected:
  std::string create_network(const std::string& name, const std::string& more = "") {
    const auto reply = daemon_.post("/networks/create", R"({"Name":")" + name + "\"" + more + "}");
    EXPECT_EQ(reply.status, 201) << reply.text;
    return reply.at("Id");
  }

  std::string run_in(const std::string& name, const std::string& network, const std::string& endpoint = "{}") {
    const std::string id =
        daemon_.create(name, R"(,"HostConfig":{"NetworkMode":")" + network +
                                 R"("},"NetworkingConfig":{"EndpointsConfig":{")" + network + "\":" + endpoint + "}}");
    daemon_.start(name, id);
    return id;
  }

  std::vector<std::string> names(const std::string& query = "") {
    std::vector<std::string> result;
    const auto reply = daemon_.get("/networks" + query);
    for (const auto& row : reply.body.as_array()) result.emplace_back(row.at("Name").as_string().c_str());
    return result;
  }

  std::string endpoint(const std::string& container, const std::string& network, const std::string& member) {
    return daemon_.get("/containers/" + container + "/json").at("NetworkSettings.Networks." + network + "." + member);
  }

  TestDaemon daemon_;
};

TEST_F(NetworkRoutes, PredefinedOnesAreThereAndStay) {
  EXPECT_THAT(names(), ElementsAre("bridge", "host", "none"));
  const Reply bridge = daemon_.get("/networks/bridge");
  EXPECT_EQ(bridge.body.at("IPAM").at("Config").at(0).at("Gateway").as_string(), "172.17.0.1");
  EXPECT_EQ(daemon_.get("/networks/" + bridge.at("Id").substr(0, 8)).at("Name"), "bridge");
  EXPECT_EQ(daemon_.del("/networks/bridge").status, 403);
  EXPECT_EQ(daemon_.del("/networks/bridge").message(), "bridge is a pre-defined network and cannot be removed");
  EXPECT_EQ(daemon_.post("/networks/create", R"({"Name":"bridge"})").message(),
            "operation is not permitted on predefined bridge network ");
}

TEST_F(NetworkRoutes, AreCreatedShownAndRemoved) {
  const std::string id = create_network("app", R"(,"Labels":{"a":"b"},"Options":{"x":"y"},"Internal":true)");
  const Reply shown = daemon_.get("/networks/app");
  EXPECT_EQ(shown.at("Id"), id);
  EXPECT_EQ(shown.at("Driver"), "bridge");
  EXPECT_EQ(shown.at("Internal"), "true");
  EXPECT_EQ(shown.at("Labels.a"), "b");
  EXPECT_EQ(shown.at("Created"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(shown.body.at("IPAM").at("Config").at(0).at("Subnet").as_string(), "172.18.0.0/16");
  EXPECT_EQ(daemon_.del("/networks/app").status, 204);
  EXPECT_EQ(daemon_.get("/networks/app").message(), "network app not found");
  EXPECT_EQ(daemon_.del("/networks/app").status, 404);
}

TEST_F(NetworkRoutes, RefuseWhatDockerRefuses) {
  create_network("app", R"(,"IPAM":{"Config":[{"Subnet":"10.5.0.0/16"}]})");
  const auto refusal = [&](const std::string& body) {
    const Reply reply = daemon_.post("/networks/create", body);
    return std::to_string(reply.status) + " " + reply.message();
  };
  EXPECT_EQ(refusal(R"({"Name":""})"), "400 invalid name: name is empty");
  EXPECT_EQ(refusal(R"({"Name":"app"})"), "409 network with name app already exists");
  EXPECT_EQ(refusal(R"({"Name":"n","Driver":"nosuch"})"), "404 plugin \"nosuch\" not found");
  EXPECT_EQ(refusal(R"({"Name":"n","Driver":"host"})"), "403 only one instance of \"host\" network is allowed");
  EXPECT_THAT(refusal(R"({"Name":"n","Driver":"overlay"})"), HasSubstr("503 This node is not a swarm manager"));
  EXPECT_EQ(refusal(R"({"Name":"n","IPAM":{"Config":[{"Subnet":"10.5.128.0/24"}]}})"),
            "403 invalid pool request: Pool overlaps with other one on this address space");
  EXPECT_THAT(refusal(R"({"Name":"n","IPAM":{"Config":[{"Subnet":"10.6.0.5/24"}]}})"),
              HasSubstr("400 invalid network config:\ninvalid subnet 10.6.0.5/24: it should be 10.6.0.0/24"));
  EXPECT_THAT(refusal(R"({"Name":"n","IPAM":{"Config":[{"Subnet":"10.6.0.0/24","Gateway":"10.7.0.1"}]}})"),
              HasSubstr("invalid gateway 10.7.0.1"));
  EXPECT_THAT(names(), Not(testing::Contains("n")));
}

TEST_F(NetworkRoutes, AreFiltered) {
  create_network("one", R"(,"Labels":{"a":"b"})");
  create_network("two", R"(,"Driver":"macvlan")");
  run_in("web", "two");
  EXPECT_THAT(names(R"(?filters={"type":["custom"]})"), ElementsAre("one", "two"));
  EXPECT_THAT(names(R"(?filters={"type":["builtin"]})"), ElementsAre("bridge", "host", "none"));
  EXPECT_THAT(names(R"(?filters={"label":["a=b"]})"), ElementsAre("one"));
  EXPECT_THAT(names(R"(?filters={"driver":["macvlan"]})"), ElementsAre("two"));
  EXPECT_THAT(names(R"(?filters={"name":["tw"]})"), ElementsAre("two"));
  EXPECT_THAT(names(R"(?filters={"dangling":["true"]})"), ElementsAre("one"));
  EXPECT_EQ(daemon_.get(R"(/networks?filters={"type":["x"]})").message(), "invalid filter: 'type'='x'");
}

TEST_F(NetworkRoutes, RunningContainersHaveEndpointsAndStoppedOnesHaveNone) {
  const std::string network = create_network("app");
  const std::string id = run_in("web", "app", R"({"Aliases":["www"]})");
  EXPECT_EQ(endpoint("web", "app", "NetworkID"), network);
  EXPECT_EQ(endpoint("web", "app", "IPAddress"), "172.18.0.2");
  EXPECT_EQ(endpoint("web", "app", "Gateway"), "172.18.0.1");
  EXPECT_EQ(endpoint("web", "app", "IPPrefixLen"), "16");
  EXPECT_EQ(endpoint("web", "app", "MacAddress"), "02:42:ac:12:00:02");
  EXPECT_EQ(endpoint("web", "app", "DNSNames"), R"(["web","www",")" + id.substr(0, 12) + "\"]");
  const Reply shown = daemon_.get("/networks/app");
  EXPECT_EQ(shown.at("Containers." + id + ".IPv4Address"), "172.18.0.2/16");
  EXPECT_EQ(shown.at("Containers." + id + ".Name"), "web");
  const Reply removal = daemon_.del("/networks/app");
  EXPECT_EQ(removal.status, 403);
  EXPECT_THAT(removal.message(),
              HasSubstr("error while removing network: network app has active endpoints (name:\"web\""));

  daemon_.agents.exits(id, 0);
  daemon_.settle();
  EXPECT_EQ(daemon_.get("/networks/app").at("Containers"), "{}");
  EXPECT_EQ(endpoint("web", "app", "IPAddress"), "");
  EXPECT_EQ(endpoint("web", "app", "NetworkID"), network);
  EXPECT_EQ(daemon_.del("/networks/app").status, 204);
  const Reply start = daemon_.post("/containers/web/start");
  EXPECT_EQ(start.status, 404);
  EXPECT_EQ(start.message(), "network app not found");
}

TEST_F(NetworkRoutes, DefaultNetworkIsShownBesideTheOthers) {
  const std::string id = daemon_.create("web");
  daemon_.start("web", id);
  const Reply shown = daemon_.get("/containers/web/json");
  EXPECT_EQ(shown.at("NetworkSettings.IPAddress"), "172.17.0.2");
  EXPECT_EQ(shown.at("NetworkSettings.Networks.bridge.IPAddress"), "172.17.0.2");
  EXPECT_EQ(shown.at("NetworkSettings.Networks.bridge.DNSNames"), "null");
}

TEST_F(NetworkRoutes, WantedAddressesAreGivenOrRefused) {
  create_network("app", R"(,"IPAM":{"Config":[{"Subnet":"10.5.0.0/24","IPRange":"10.5.0.128/25"}]})");
  run_in("first", "app");
  EXPECT_EQ(endpoint("first", "app", "IPAddress"), "10.5.0.128");
  run_in("second", "app", R"({"IPAMConfig":{"IPv4Address":"10.5.0.7"}})");
  EXPECT_EQ(endpoint("second", "app", "IPAddress"), "10.5.0.7");
  EXPECT_EQ(endpoint("second", "app", "IPAMConfig.IPv4Address"), "10.5.0.7");
  const auto start_with = [&](const std::string& name, const std::string& address) {
    daemon_.create(name, R"(,"HostConfig":{"NetworkMode":"app"},"NetworkingConfig":{"EndpointsConfig":{"app":{
        "IPAMConfig":{"IPv4Address":")" +
                             address + "\"}}}}");
    return daemon_.post("/containers/" + name + "/start").message();
  };
  EXPECT_EQ(start_with("third", "10.5.0.7"), "Address already in use");
  EXPECT_THAT(start_with("fourth", "10.6.0.7"), HasSubstr("no configured subnet contains IP address 10.6.0.7"));
}

TEST_F(NetworkRoutes, AddressesOfEndedContainersAreFree) {
  create_network("small", R"(,"IPAM":{"Config":[{"Subnet":"10.5.0.0/30"}]})");
  for (int i = 0; i < 10; ++i) {
    const std::string id = run_in("web", "small");
    EXPECT_EQ(endpoint("web", "small", "IPAddress"), "10.5.0.2");
    daemon_.create("more", R"(,"HostConfig":{"NetworkMode":"small"})");
    EXPECT_THAT(daemon_.post("/containers/more/start").message(), HasSubstr("no available IPv4 addresses"));
    EXPECT_EQ(daemon_.del("/containers/more?force=1").status, 204);
    daemon_.agents.exits(id, 0);
    daemon_.settle();
    EXPECT_EQ(daemon_.del("/containers/web").status, 204);
  }
}

TEST_F(NetworkRoutes, SubnetsOfTenThousandRemovedNetworksAreFree) {
  for (int i = 0; i < 10'000; ++i) {
    core::NetworkRecord wanted;
    wanted.name = "app";
    const auto network = test::run(daemon_.loop, daemon_.networks.create(std::move(wanted)));
    ASSERT_EQ(network.ipam.config.at(0).subnet, "172.18.0.0/16");
    test::run(daemon_.loop, daemon_.networks.remove("app"));
  }
  EXPECT_THAT(names(), ElementsAre("bridge", "host", "none"));
}

TEST_F(NetworkRoutes, ContainersAreConnectedAndDisconnected) {
  create_network("app");
  const std::string id = daemon_.create("web");
  daemon_.start("web", id);
  EXPECT_EQ(daemon_.post("/networks/app/connect", R"({"Container":"web","EndpointConfig":{"Aliases":["www"]}})").status,
            200);
  EXPECT_EQ(endpoint("web", "app", "IPAddress"), "172.18.0.2");
  const Reply twice = daemon_.post("/networks/app/connect", R"({"Container":"web"})");
  EXPECT_EQ(twice.status, 403);
  EXPECT_EQ(twice.message(), "endpoint with name web already exists in network app");
  EXPECT_EQ(daemon_.post("/networks/app/disconnect", R"({"Container":"web"})").status, 200);
  EXPECT_EQ(endpoint("web", "app", "IPAddress"), "(absent)");
  const Reply again = daemon_.post("/networks/app/disconnect", R"({"Container":"web"})");
  EXPECT_EQ(again.status, 500);
  EXPECT_EQ(again.message(), "container " + id + " is not connected to the network app");
  EXPECT_EQ(daemon_.post("/networks/app/disconnect", R"({"Container":"gone","Force":true})").status, 200);
  EXPECT_EQ(daemon_.post("/networks/app/connect", R"({"Container":"gone"})").status, 404);
  EXPECT_EQ(daemon_.post("/networks/host/connect", R"({"Container":"web"})").status, 400);
}

TEST_F(NetworkRoutes, PruneTakesTheUnused) {
  create_network("used");
  create_network("free");
  create_network("kept", R"(,"Labels":{"keep":""})");
  run_in("web", "used");
  EXPECT_EQ(daemon_.post(R"(/networks/prune?filters={"label!":["keep"]})").text, "{\"NetworksDeleted\":[\"free\"]}\n");
  EXPECT_EQ(daemon_.post(R"(/networks/prune?filters={"label":["none"]})").text, "{\"NetworksDeleted\":null}\n");
  EXPECT_THAT(names(R"(?filters={"type":["custom"]})"), ElementsAre("kept", "used"));
}

TEST_F(NetworkRoutes, EventsTellOfEndpoints) {
  create_network("app");
  const std::string id = run_in("web", "app");
  daemon_.agents.exits(id, 0);
  daemon_.settle();
  std::vector<std::string> told;
  for (const core::DockerEvent& event : daemon_.events.recent()) {
    if (event.type == "network" || event.action == "start" || event.action == "die") told.push_back(event.action);
  }
  EXPECT_THAT(told, ElementsAre("create", "connect", "start", "die", "disconnect"));
}

TEST_F(NetworkRoutes, PeersKnowEachOthersNames) {
  create_network("app");
  create_network("other");
  const std::string web = run_in("web", "app", R"({"Aliases":["www"]})");
  EXPECT_THAT(daemon_.network_driver.hosts["web"], HasSubstr("own " + web.substr(0, 12) + " web www\n"));
  const std::string db = run_in("db", "app");
  run_in("stranger", "other");
  const std::string web_line = "10.9.0.1 web www " + web.substr(0, 12) + "\n";
  EXPECT_THAT(daemon_.network_driver.hosts["db"], HasSubstr(web_line));
  EXPECT_THAT(daemon_.network_driver.hosts["web"], HasSubstr("10.9.0.2 db " + db.substr(0, 12) + "\n"));
  EXPECT_THAT(daemon_.network_driver.hosts["stranger"], Not(HasSubstr("web")));

  EXPECT_EQ(
      daemon_.post("/networks/app/connect", R"({"Container":"stranger","EndpointConfig":{"Aliases":["s"]}})").status,
      200);
  daemon_.settle();
  EXPECT_THAT(daemon_.network_driver.hosts["stranger"], HasSubstr(web_line));
  EXPECT_THAT(daemon_.network_driver.hosts["web"], HasSubstr("10.9.0.3 stranger s "));
  EXPECT_EQ(daemon_.post("/networks/app/disconnect", R"({"Container":"stranger"})").status, 200);
  daemon_.settle();
  EXPECT_THAT(daemon_.network_driver.hosts["web"], Not(HasSubstr("stranger")));

  EXPECT_EQ(daemon_.post("/containers/db/rename?name=database").status, 204);
  daemon_.settle();
  EXPECT_THAT(daemon_.network_driver.hosts["web"], HasSubstr("10.9.0.2 database "));
  daemon_.agents.exits(db, 0);
  daemon_.settle();
  EXPECT_THAT(daemon_.network_driver.hosts["web"], Not(HasSubstr("database")));
}

TEST_F(NetworkRoutes, LinksAreNamesForOneContainer) {
  create_network("app");
  run_in("db", "app");
  run_in("web", "app", R"({"Links":["db:database","other:x"]})");
  run_in("client", "app");
  EXPECT_THAT(daemon_.network_driver.hosts["web"], HasSubstr(" database\n"));
  EXPECT_THAT(daemon_.network_driver.hosts["client"], Not(HasSubstr("database")));
}

TEST_F(NetworkRoutes, HostsThatAreAddedAndTheOwnHostNameAreThere) {
  const std::string id = daemon_.create(
      "web", R"(,"Hostname":"h1","HostConfig":{"ExtraHosts":["db:10.1.1.1","v6=fd00::1","g:host-gateway"]})");
  daemon_.start("web", id);
  EXPECT_EQ(daemon_.network_driver.hosts["web"], "10.1.1.1 db\nfd00::1 v6\nown h1\n");
}

TEST_F(NetworkRoutes, FileThatCannotBeWrittenDoesNotHoldTheCommandBack) {
  daemon_.network_driver.failure = Error(ErrorKind::forbidden, "cannot write /etc/hosts: permission denied");
  create_network("app");
  run_in("web", "app");
  EXPECT_EQ(daemon_.get("/containers/web/json").at("State.Running"), "true");
}

}  // namespace
}  // namespace sockerless
