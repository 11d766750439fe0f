#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "core/container_config.h"
#include "core/health_record.h"
#include "core/host_config.h"
#include "core/mount_point.h"

namespace sockerless::core {

// `starting` is a launch that has not shown yet whether it succeeds: Docker clients see `created`
// until start answers, and `running` after that.
enum class Status { created, starting, running, exited, removing };

// Docker's word for it: created, running, exited, removing.
std::string_view docker_status(Status status);

// Whether the container has shown an agent. Decided once per container and kept: drivers are
// chosen by it.
enum class AgentPresence { unknown, connected, absent };

struct State {
  Status status = Status::created;
  int pid = 0;
  int exit_code = 0;
  bool out_of_memory = false;
  std::string error;
  std::int64_t started_at = 0;   // nanoseconds since the epoch; 0: never
  std::int64_t finished_at = 0;  // nanoseconds since the epoch; 0: never
  bool restarting = false;       // from an exit until the restart policy's next process runs
  std::optional<Health> health;  // of the current or last run

  // A launch is under way or its process runs.
  bool is_running() const { return status == Status::running || status == Status::starting; }
  // What Docker takes for running: also between two runs of a restart policy.
  bool is_up() const { return is_running() || restarting; }

  static constexpr auto fields() {
    using S = State;
    using json::field;
    return std::tuple{field("status", &S::status),
                      field("pid", &S::pid),
                      field("exit_code", &S::exit_code),
                      field("out_of_memory", &S::out_of_memory),
                      field("error", &S::error),
                      field("started_at", &S::started_at),
                      field("finished_at", &S::finished_at),
                      field("restarting", &S::restarting),
                      field("health", &S::health)};
  }
};

// What a restart policy remembers.
struct RestartState {
  std::int64_t delay = 0;               // nanoseconds that the last restart waited
  std::int64_t due_at = 0;              // nanoseconds since the epoch, while a restart is waited for
  bool manually_stopped = false;        // stop or kill ended it: the policy rests until the next start
  std::int64_t launches_forgotten = 0;  // the oldest ones, so that the record does not grow for ever

  static constexpr auto fields() {
    using R = RestartState;
    using json::field;
    return std::tuple{field("delay", &R::delay), field("due_at", &R::due_at),
                      field("manually_stopped", &R::manually_stopped),
                      field("launches_forgotten", &R::launches_forgotten)};
  }
};

// One attempt to run the container: one ECS task. Written before the task is asked for.
struct Launch {
  std::string id;            // random; the agent proves by it that it belongs to this attempt
  std::string client_token;  // makes a repeated RunTask find the first one's task
  std::string task;          // the backend's handle; empty until RunTask has answered
  std::int64_t requested_at = 0;
  std::int64_t ended_at = 0;               // 0 while it may still run
  std::optional<std::int64_t> log_events;  // how many the agent says to expect
  bool held = false;                       // the agent waits for `go` before the command
  std::optional<int> claimed_exit_code;    // stop or kill decided it before the process ended

  bool has_ended() const { return ended_at != 0; }

  static constexpr auto fields() {
    using L = Launch;
    using json::field;
    return std::tuple{field("id", &L::id),
                      field("client_token", &L::client_token),
                      field("task", &L::task),
                      field("requested_at", &L::requested_at),
                      field("ended_at", &L::ended_at),
                      field("log_events", &L::log_events),
                      field("held", &L::held),
                      field("claimed_exit_code", &L::claimed_exit_code)};
  }
};

// A container's place in a network. What the client asked for stays; the rest is empty unless the container runs.
struct EndpointSettings {
  std::vector<std::string> aliases;
  std::vector<std::string> links;
  std::map<std::string, std::string> driver_options;
  std::int64_t gateway_priority = 0;
  std::string wanted_address;  // IPv4; empty: any
  std::string wanted_ipv6_address;
  std::string wanted_mac_address;
  std::string network_id;  // since the first start
  std::string endpoint_id;
  std::string gateway;
  std::string ip_address;
  int prefix_length = 0;
  std::string mac_address;

  static constexpr auto fields() {
    using E = EndpointSettings;
    using json::field;
    return std::tuple{field("aliases", &E::aliases),
                      field("links", &E::links),
                      field("driver_options", &E::driver_options),
                      field("gateway_priority", &E::gateway_priority),
                      field("wanted_address", &E::wanted_address),
                      field("wanted_ipv6_address", &E::wanted_ipv6_address),
                      field("wanted_mac_address", &E::wanted_mac_address),
                      field("network_id", &E::network_id),
                      field("endpoint_id", &E::endpoint_id),
                      field("gateway", &E::gateway),
                      field("ip_address", &E::ip_address),
                      field("prefix_length", &E::prefix_length),
                      field("mac_address", &E::mac_address)};
  }
};

// Where on this host a running container's ports are served, by "80/tcp".
using PublishedPorts = std::map<std::string, std::vector<PortBinding>>;

// The record of a container. Core owns it; everybody else gets copies.
struct Container {
  std::string id;    // 64 hexadecimal digits
  std::string name;  // without the leading slash
  std::int64_t created_at = 0;
  std::string image_id;
  std::string architecture;  // of the image, in OCI's words: amd64, arm64
  std::string path;          // the command's first word and the rest
  std::vector<std::string> args;
  ContainerConfig config;
  HostConfig host_config;
  std::map<std::string, EndpointSettings> networks;
  PublishedPorts published;
  State state;
  std::string agent_token;
  AgentPresence agent = AgentPresence::unknown;
  std::string definition;  // the backend's handle of what was registered
  std::vector<Launch> launches;
  int restart_count = 0;
  RestartState restart;
  std::vector<MountPoint> mounts;
  std::string image_source;  // what the task pulls, where that is not config.image: a tag or a build knows it

  std::string short_id() const { return id.substr(0, 12); }
  const Launch* current_launch() const { return launches.empty() ? nullptr : &launches.back(); }
  Launch* current_launch() { return launches.empty() ? nullptr : &launches.back(); }

  static constexpr auto fields() {
    using C = Container;
    using json::field;
    return std::tuple{field("id", &C::id),
                      field("name", &C::name),
                      field("created_at", &C::created_at),
                      field("image_id", &C::image_id),
                      field("architecture", &C::architecture),
                      field("path", &C::path),
                      field("args", &C::args),
                      field("config", &C::config),
                      field("host_config", &C::host_config),
                      field("networks", &C::networks),
                      field("published", &C::published),
                      field("state", &C::state),
                      field("agent_token", &C::agent_token),
                      field("agent", &C::agent),
                      field("definition", &C::definition),
                      field("launches", &C::launches),
                      field("restart_count", &C::restart_count),
                      field("restart", &C::restart),
                      field("mounts", &C::mounts),
                      field("image_source", &C::image_source)};
  }
};

}  // namespace sockerless::core
