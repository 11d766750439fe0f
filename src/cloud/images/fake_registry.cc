#include "cloud/images/fake_registry.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>

#include "cloud/images/digest.h"

namespace sockerless::cloud {
namespace {

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void write_entry(archive* writer, const TarEntry& from) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, from.name.c_str());
  archive_entry_set_perm(entry, static_cast<mode_t>(from.mode));
  archive_entry_set_uid(entry, from.uid);
  archive_entry_set_gid(entry, from.gid);
  archive_entry_set_mtime(entry, from.modified, 0);
  archive_entry_set_filetype(entry, from.type == 'd' ? AE_IFDIR : from.type == 's' ? AE_IFLNK : AE_IFREG);
  if (from.type == 'f') archive_entry_set_size(entry, static_cast<la_int64_t>(from.content.size()));
  if (from.type == 's') archive_entry_set_symlink(entry, from.content.c_str());
  if (from.type == 'h') archive_entry_set_hardlink(entry, from.content.c_str());
  for (const auto& [name, value] : from.attributes) {
    archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
  }
  archive_write_header(writer, entry);
  if (from.type == 'f') archive_write_data(writer, from.content.data(), from.content.size());
  archive_entry_free(entry);
}

}  // namespace

std::string make_layer(const std::vector<TarEntry>& entries, const std::string& filter) {
  std::string bytes;
  archive* writer = archive_write_new();
  archive_write_set_format_pax_restricted(writer);
  if (filter == "gzip") archive_write_add_filter_gzip(writer);
  if (filter == "zstd") archive_write_add_filter_zstd(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open(writer, &bytes, nullptr, append, nullptr);
  for (const TarEntry& entry : entries) write_entry(writer, entry);
  archive_write_close(writer);
  archive_write_free(writer);
  return bytes;
}

FakeRegistry::FakeRegistry(Executor executor)
    : clock_(executor), server_(executor, clock_, [this](http::Exchange& exchange) { return handle(exchange); }) {
  auto listener = std::make_unique<http::Listener>(executor, "127.0.0.1:0");
  port_ = listener->port();
  server_.serve(std::move(listener));
}

std::string FakeRegistry::add_manifest(const std::string& name, const std::string& content) {
  const std::string digest = digest_of(content);
  manifests[name] = content;
  manifests[name.substr(0, name.find(':')) + "@" + digest] = content;
  return digest;
}

std::string FakeRegistry::add_image(const std::string& name, const std::vector<std::string>& layers,
                                    const std::string& config) {
  blobs[digest_of(config)] = config;
  std::string list;
  for (const std::string& layer : layers) {
    blobs[digest_of(layer)] = layer;
    list += fmt::format(R"({}{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":{},"digest":"{}"}})",
                        list.empty() ? "" : ",", layer.size(), digest_of(layer));
  }
  return add_manifest(
      name,
      fmt::format(R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                  R"("config":{{"mediaType":"application/vnd.oci.image.config.v1+json","size":{},"digest":"{}"}},)"
                  R"("layers":[{}]}})",
                  config.size(), digest_of(config), list));
}

std::string FakeRegistry::add_index(const std::string& name,
                                    const std::map<std::string, std::string>& by_architecture) {
  std::string list;
  for (const auto& [architecture, digest] : by_architecture) {
    list += fmt::format(R"({}{{"digest":"{}","platform":{{"architecture":"{}","os":"linux"}}}})",
                        list.empty() ? "" : ",", digest, architecture);
  }
  return add_manifest(
      name,
      fmt::format(R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}})",
                  list));
}

std::size_t FakeRegistry::requests_for(const std::string& part) const {
  return static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), [&](const std::string& request) {
    return request.find(part) != std::string::npos;
  }));
}

Awaitable<void> FakeRegistry::stop() { co_await server_.stop(std::chrono::seconds(0)); }

bool FakeRegistry::refuse(http::Exchange& exchange) {
  const std::string authorization(exchange.header("authorization"));
  if (down || failures_to_come > 0) {
    --failures_to_come;
    exchange.reply(down ? http::Status::service_unavailable : http::Status::internal_server_error);
    return true;
  }
  const std::string wanted = needs_token ? "Bearer the-token" : needs_login;
  if (wanted.empty() || authorization == wanted) return false;
  exchange.add_header(
      "WWW-Authenticate",
      needs_token ? fmt::format(R"(Bearer realm="{}/token",service="the service",scope="repository:r:pull")", url())
                  : std::string(R"(Basic realm="registry")"));
  exchange.reply_text(http::Status::unauthorized, "application/json",
                      R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})");
  return true;
}

Awaitable<void> FakeRegistry::handle(http::Exchange& exchange) {
  const std::string path = http::percent_decode(exchange.target().path());
  requests.push_back(std::string(exchange.method()) + " " + path);
  authorizations.emplace_back(exchange.header("authorization"));
  if (path == "/token") {
    const bool asks = exchange.query("service") == "the service" && exchange.query("scope") == "repository:r:pull";
    exchange.reply_text(asks ? http::Status::ok : http::Status::bad_request, "application/json",
                        R"({"token":"the-token"})");
    co_return;
  }
  if (refuse(exchange)) co_return;
  const auto kind = path.find("/manifests/") != std::string::npos ? path.find("/manifests/") : path.find("/blobs/");
  if (!path.starts_with("/v2/") || kind == std::string::npos) {
    exchange.reply(http::Status::not_found);
    co_return;
  }
  const std::string repository = path.substr(4, kind - 4);
  const std::string version = path.substr(path.rfind('/') + 1);
  if (path.find("/manifests/") != std::string::npos) {
    serve_manifest(exchange, repository, version);
  } else if (!redirect_to.empty()) {
    exchange.add_header("Location", redirect_to + path);
    exchange.reply(http::Status::temporary_redirect);
  } else if (blobs.contains(version)) {
    exchange.reply_text(http::Status::ok, "application/octet-stream", blobs.at(version));
  } else {
    exchange.reply(http::Status::not_found);
  }
}

void FakeRegistry::serve_manifest(http::Exchange& exchange, const std::string& repository, const std::string& version) {
  const bool by_digest = version.starts_with("sha256:");
  const auto found = manifests.find(repository + (by_digest ? "@" : ":") + version);
  if (found == manifests.end()) {
    exchange.reply_text(http::Status::not_found, "application/json",
                        R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})");
    return;
  }
  exchange.add_header("Docker-Content-Digest", digest_of(found->second));
  exchange.reply_text(http::Status::ok, "application/vnd.oci.image.manifest.v1+json", found->second);
}

}  // namespace sockerless::cloud
