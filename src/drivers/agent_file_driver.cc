#include "drivers/agent_file_driver.h"

#include <fmt/format.h>

#include <cerrno>

#include "agent/protocol/archive.h"

namespace sockerless::drivers {
namespace {

// Docker takes what a file system refuses, and what is no tar, for an error of its own.
Error as_docker_has_it(const agent::SessionFailure& failure) {
  switch (failure.error_number()) {
    case ENOENT: return {ErrorKind::not_found, failure.what()};
    case ENOTDIR:
    case EINVAL: return {ErrorKind::invalid_argument, failure.what()};
    case ENOSYS: return {ErrorKind::not_implemented, failure.what()};
    case EBUSY: return {ErrorKind::conflict, failure.what()};
    case EACCES:
    case EPERM:
      return {ErrorKind::invalid_argument,
              fmt::format("{} (files are read and written as the container's user; with SOCKERLESS_AGENT_USER=root "
                          "the daemon's containers are reached as root)",
                          failure.what())};
    default: return {ErrorKind::internal, failure.what()};
  }
}

class SessionSource final : public core::ByteSource {
 public:
  explicit SessionSource(std::unique_ptr<agent::StreamSession> session) : session_(std::move(session)) {}

  Awaitable<std::optional<std::string>> read() override {
    try {
      auto output = co_await session_->read();
      if (!output) co_return std::nullopt;
      co_return std::move(output->bytes);
    } catch (const agent::SessionFailure& failure) {
      throw as_docker_has_it(failure);
    }
  }

 private:
  std::unique_ptr<agent::StreamSession> session_;
};

Awaitable<std::unique_ptr<agent::StreamSession>> open(agent::Hub& hub, std::string container_id,
                                                      agent::StreamRequest request) {
  try {
    co_return co_await hub.open(std::move(container_id), std::move(request));
  } catch (const agent::SessionFailure& failure) {
    throw as_docker_has_it(failure);
  }
}

core::PathStat stat_of(const agent::StreamSession& session) {
  const auto answer = agent::decode_file_stat(session.answer());
  if (!answer) throw Error(ErrorKind::internal, "the agent's answer about a path cannot be read");
  return {.name = answer->name,
          .size = answer->size,
          .mode = answer->mode,
          .modified = Time(std::chrono::nanoseconds(answer->modified)),
          .link_target = answer->link_target};
}

Awaitable<void> send_all(agent::StreamSession& session, core::ByteSource& tar) {
  while (auto piece = co_await tar.read()) {
    if (session.is_over()) break;
    co_await session.write(std::move(*piece));
  }
  session.close_stdin();
  co_await session.result();
}

}  // namespace

Awaitable<core::PathStat> AgentFileDriver::stat(core::Container container, std::string path) {
  const auto session = co_await open(
      hub_, container.id, {.kind = agent::SessionKind::archive_stat, .parameters = agent::encode_path(path)});
  co_return stat_of(*session);
}

Awaitable<core::ArchiveStream> AgentFileDriver::get(core::Container container, std::string path) {
  auto session = co_await open(
      hub_, container.id,
      {.kind = agent::SessionKind::archive_get, .parameters = agent::encode_path(path), .standard_out = true});
  core::ArchiveStream stream{.stat = stat_of(*session)};
  stream.tar = std::make_unique<SessionSource>(std::move(session));
  co_return stream;
}

Awaitable<void> AgentFileDriver::put(core::Container container, core::ArchivePut request, core::ByteSource& tar) {
  const agent::ArchivePutParameters parameters{.path = request.path,
                                               .owner = request.copy_uid_gid ? container.config.user : "",
                                               .no_overwrite_dir_non_dir = request.no_overwrite_dir_non_dir,
                                               .make_folder = request.make_folder};
  const auto session = co_await open(
      hub_, container.id,
      {.kind = agent::SessionKind::archive_put, .parameters = agent::encode(parameters), .standard_in = true});
  try {
    co_await send_all(*session, tar);
  } catch (const agent::SessionFailure& failure) {
    throw as_docker_has_it(failure);
  }
}

Awaitable<std::vector<core::FileChange>> AgentFileDriver::changes(core::Container container) {
  std::vector<core::FileChange> changes;
  agent::FileChangeDecoder decoder;
  SessionSource source(co_await open(hub_, container.id, {.kind = agent::SessionKind::changes, .standard_out = true}));
  while (const auto bytes = co_await source.read()) {
    decoder.feed(*bytes);
    while (auto change = decoder.next()) {
      changes.push_back({.path = std::move(change->path), .kind = static_cast<core::FileChange::Kind>(change->kind)});
    }
  }
  if (!decoder.is_at_end()) throw Error(ErrorKind::internal, "the agent's list of changes cannot be read");
  co_return changes;
}

Awaitable<std::int64_t> AgentFileDriver::changed_size(core::Container container) {
  const auto session = co_await open(hub_, container.id, {.kind = agent::SessionKind::changed_size});
  const auto size = agent::decode_size(session->answer());
  if (!size) throw Error(ErrorKind::internal, "the agent's answer about the size of the files cannot be read");
  co_return static_cast<std::int64_t>(*size);
}

Awaitable<std::unique_ptr<core::ByteSource>> AgentFileDriver::export_root(core::Container container) {
  co_return std::make_unique<SessionSource>(
      co_await open(hub_, container.id, {.kind = agent::SessionKind::export_root, .standard_out = true}));
}

}  // namespace sockerless::drivers
