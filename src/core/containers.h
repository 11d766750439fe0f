#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/binds.h"
#include "core/images.h"
#include "core/lifecycle.h"
#include "core/logs.h"
#include "core/mounts.h"
#include "core/networks.h"
#include "core/peer_names.h"
#include "core/staging.h"
#include "core/volumes.h"

namespace sockerless::core {

struct CreateRequest {
  std::string name;  // empty: a generated one
  ContainerConfig config;
  HostConfig host_config;
  std::map<std::string, EndpointSettings> endpoints;
  std::optional<Platform> platform;
};

// The body of ContainerUpdate: limits, as far as they are set, and the restart policy.
struct ContainerUpdate {
  Resources resources;
  std::optional<RestartPolicy> restart_policy;
};

struct CreateResult {
  std::string id;
  std::vector<std::string> warnings;
};

// What the daemon's options say about new containers.
struct CreationSettings {
  BindPolicy binds = BindPolicy::empty;
  std::string agent_token;  // of every container's agent; empty: each has one of its own
};

enum class WaitCondition { not_running, next_exit, removed };

// What a waiter gets: its condition is registered when it is made, so nothing that happens after
// that is missed.
class ExitWait {
 public:
  ExitWait(EntryPointer entry, WaitCondition condition);

  struct Outcome {
    int exit_code = 0;
    std::string error;
  };
  Awaitable<Outcome> outcome();

 private:
  bool is_over() const;

  EntryPointer entry_;
  WaitCondition condition_;
  std::uint64_t exits_before_;
};

// The container operations of a Docker daemon, as its API has them. Validates, resolves names, and
// leaves every change of state to Lifecycle. Lives on the daemon's loop.
class Containers {
 public:
  Containers(Services services, Images& images, Volumes& volumes, Networks& networks, Lifecycle& lifecycle,
             CreationSettings settings = {});

  // Images that were built here have layers there, which their containers get.
  void take_layers_from(Staging& staging) { staging_ = &staging; }

  // Without it containers do not know each other's names.
  void tell_names_by(PeerNames& names) { names_ = &names; }

  // Throws no_such_image, name_in_use, Error(invalid_argument), and what the backend refuses.
  Awaitable<CreateResult> create(CreateRequest request);

  // All of these find the container by id, name or unique prefix and throw no_such_container.
  Container get(std::string_view reference) const;
  Awaitable<void> start(std::string reference);
  Awaitable<void> stop(std::string reference, StopRequest request);
  Awaitable<void> restart(std::string reference, StopRequest request);
  Awaitable<void> kill(std::string reference, int signal);
  // With its anonymous volumes, if `volumes` says so.
  Awaitable<void> remove(std::string reference, bool force, bool volumes = false);
  // New limits take effect with the next start. Returns warnings.
  Awaitable<std::vector<std::string>> update(std::string reference, ContainerUpdate update);
  // Removes those that do not run and are selected; returns their ids.
  Awaitable<std::vector<std::string>> prune(std::function<bool(const Container&)> is_selected);
  Awaitable<void> rename(std::string reference, std::string name);
  // Networks by id, name or prefix. Throw what Networks throws.
  Awaitable<void> connect(std::string network, std::string reference, EndpointSettings endpoint);
  // With force also a container that is not known any more counts as disconnected.
  Awaitable<void> disconnect(std::string network, std::string reference, bool force);
  ExitWait wait(std::string_view reference, WaitCondition condition) const;
  Awaitable<std::unique_ptr<AttachSession>> attach(std::string reference, AttachStreams streams);
  // An attached client has left by the detach keys.
  void note_detached(std::string_view reference);
  Awaitable<void> resize(std::string reference, int rows, int columns);
  std::unique_ptr<LogReader> logs(std::string_view reference, LogOptions options) const;

  // Newest first.
  std::vector<Container> all() const;

  // The same without a copy; not to be kept across a suspension.
  std::vector<EntryPointer> entries() const { return lifecycle_.table().all(); }

  std::optional<ImageUser> user_of_image(std::string_view image_id) const;

 private:
  Awaitable<void> run_create(CreateRequest request, std::shared_ptr<CreateResult> result);
  Awaitable<Registration> register_record(Container record);
  Awaitable<void> use_layers(std::string id, ImageRecord image);
  Container make_record(const CreateRequest& request, const ImageRecord& image) const;
  std::string unused_name() const;
  // The mounts with their volumes, and what is to be said about them.
  Awaitable<std::vector<MountPoint>> take_mounts(Container record, std::shared_ptr<CreateResult> result);
  Awaitable<void> run_update(EntryPointer entry, ContainerUpdate update,
                             std::shared_ptr<std::vector<std::string>> warnings);

  Services services_;
  Images& images_;
  Volumes& volumes_;
  Networks& networks_;
  Lifecycle& lifecycle_;
  CreationSettings settings_;
  Staging* staging_ = nullptr;
  PeerNames* names_ = nullptr;
};

}  // namespace sockerless::core
