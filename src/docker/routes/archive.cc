#include <fmt/format.h>

#include "base/base64.h"
#include "base/time.h"
#include "core/archives.h"
#include "docker/api.h"
#include "docker/request_tar.h"

namespace sockerless::docker {
namespace {

struct PathStatView {
  std::string name;
  std::int64_t size = 0;
  std::uint32_t mode = 0;
  std::string mtime;
  std::string link_target;

  static constexpr auto fields() {
    using V = PathStatView;
    using json::field;
    return std::tuple{field("name", &V::name), field("size", &V::size), field("mode", &V::mode),
                      field("mtime", &V::mtime), field("linkTarget", &V::link_target)};
  }
};

struct ChangeView {
  std::string path;
  int kind = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("Path", &ChangeView::path), json::field("Kind", &ChangeView::kind)};
  }
};

std::string path_of(const http::Exchange& exchange) {
  std::string path = exchange.query("path").value_or("");
  if (path.empty()) throw Error(ErrorKind::invalid_argument, "bad parameter: path cannot be empty");
  if (path.find('\0') != std::string::npos) {
    throw Error(ErrorKind::invalid_argument, "bad parameter: a path has no zero in it");
  }
  return path;
}

void add_stat_header(http::Exchange& exchange, const core::PathStat& stat) {
  const PathStatView view{.name = stat.name,
                          .size = stat.size,
                          .mode = stat.mode,
                          .mtime = format_rfc3339_nano(stat.modified),
                          .link_target = stat.link_target};
  exchange.add_header("X-Docker-Container-Path-Stat", base64_encode(json::to_text(view)));
}

Awaitable<void> send_tar(http::Exchange& exchange, std::unique_ptr<core::ByteSource> tar, std::string content_type) {
  auto stream = co_await exchange.start_stream(http::Status::ok, content_type);
  while (auto bytes = co_await tar->read()) co_await stream.write(std::move(*bytes));
  co_await stream.finish();
}

Awaitable<void> stat(core::Archives& archives, http::Exchange& exchange) {
  const std::string path = path_of(exchange);
  add_stat_header(exchange, co_await archives.stat(exchange.param("name"), path));
  exchange.reply(http::Status::ok);
}

Awaitable<void> get(core::Archives& archives, http::Exchange& exchange) {
  const std::string path = path_of(exchange);
  core::ArchiveStream stream = co_await archives.get(exchange.param("name"), path);
  add_stat_header(exchange, stream.stat);
  co_await send_tar(exchange, std::move(stream.tar), "application/x-tar");
}

Awaitable<void> put(core::Archives& archives, http::Exchange& exchange) {
  core::ArchivePut request{.path = path_of(exchange),
                           .no_overwrite_dir_non_dir = is_set(exchange, "noOverwriteDirNonDir"),
                           .copy_uid_gid = is_set(exchange, "copyUIDGID")};
  const auto tar = request_tar(exchange);
  std::optional<Error> failure;
  try {
    co_await archives.put(exchange.param("name"), std::move(request), *tar);
  } catch (const Error& error) {
    failure = error;
  }
  // Whoever closes a connection that still holds a request takes the answer back with it.
  co_await discard_body(exchange);
  if (failure) throw Error(*failure);
  exchange.reply(http::Status::ok);
}

Awaitable<void> changes(core::Archives& archives, http::Exchange& exchange) {
  std::vector<ChangeView> views;
  for (core::FileChange& change : co_await archives.changes(exchange.param("name"))) {
    views.push_back({std::move(change.path), static_cast<int>(change.kind)});
  }
  // A Go slice without elements.
  if (views.empty()) {
    exchange.reply_text(http::Status::ok, "application/json", "null\n");
  } else {
    exchange.reply_json(http::Status::ok, views);
  }
}

Awaitable<void> export_root(core::Archives& archives, http::Exchange& exchange) {
  auto tar = co_await archives.export_root(exchange.param("name"));
  co_await send_tar(exchange, std::move(tar), "application/octet-stream");
}

}  // namespace

void add_archive_routes(http::Router& router, ApiServices& services) {
  core::Archives& archives = services.archives;
  const auto bind = [&](auto operation) {
    return [&archives, operation](http::Exchange& exchange) { return operation(archives, exchange); };
  };
  router.head("/containers/{name}/archive", bind(stat));
  router.get("/containers/{name}/archive", bind(get));
  router.put("/containers/{name}/archive", bind(put));
  router.get("/containers/{name}/changes", bind(changes));
  router.get("/containers/{name}/export", bind(export_root));
}

}  // namespace sockerless::docker
