#include "tests/support/test_daemon.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <optional>

#include "base/id.h"
#include "tests/support/openapi.h"
#include "tests/support/run.h"

namespace sockerless::test {
namespace {

core::FetchedImage busybox() {
  core::FetchedImage image;
  image.digest = image.manifest_digest = "sha256:" + std::string(64, 'd');
  image.layers = {{"sha256:" + std::string(64, 'e'), 1000}};
  image.diff_ids = {"sha256:" + std::string(64, 'f')};
  image.size = 1000;
  image.created = "2024-01-01T00:00:00Z";
  image.config.command = {"sh"};
  image.config.env = {"PATH=/bin"};
  return image;
}

}  // namespace

Awaitable<core::FetchedImage> FakeImageSource::fetch(core::ImageReference reference, core::Platform,
                                                     core::RegistryAuth) {
  if (failure) throw Error(*failure);
  const auto found = images.find(reference.familiar());
  if (found == images.end()) {
    throw Error(ErrorKind::not_found, "manifest for " + reference.familiar() + " not found");
  }
  co_return found->second;
}

Awaitable<void> FakeImageSource::log_in(core::RegistryAuth auth) {
  if (failure) throw Error(*failure);
  if (auth.password.reveal() != "right") throw Error(ErrorKind::unauthorized, "incorrect username or password");
  co_return;
}

std::string Reply::message() const { return at("message"); }

std::string Reply::at(std::string_view path) const {
  const json::Value* value = &body;
  while (!path.empty() && value->is_object()) {
    const auto dot = std::min(path.find('.'), path.size());
    value = value->get_object().if_contains({path.data(), dot});
    if (value == nullptr) return "(absent)";
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  if (value->is_string()) return std::string(value->get_string().c_str());
  return boost::json::serialize(*value);
}

TestDaemon::TestDaemon()
    : api_({clock,
            containers,
            execs,
            images,
            events,
            volumes,
            networks,
            statistics,
            archives,
            sizes,
            builder,
            {.id = "test", .host_name = "host", .version = "0", .architecture = "amd64"}}),
      server_(std::make_unique<http::Server>(loop.get_executor(), system_clock_,
                                             [this](http::Exchange& exchange) { return api_.handle(exchange); })) {
  auto listener = std::make_unique<http::Listener>(loop.get_executor(), "tcp://127.0.0.1:0");
  port_ = listener->port();
  server_->serve(std::move(listener));
  containers.take_layers_from(staging);
  lifecycle.prepare_with(staged_merge);
  lifecycle.observe(staged_merge);
  lifecycle.prepare_with(peer_names);
  lifecycle.attach_with(networks);
  lifecycle.observe(peer_names);
  containers.tell_names_by(peer_names);
  lifecycle.observe(volumes);
  lifecycle.observe(health);
  source.images["busybox:latest"] = busybox();
  run(loop, images.pull(core::ImageReference::parse("busybox"), std::nullopt, {}));
}

TestDaemon::~TestDaemon() {
  stop_serving();
  run(loop, execs.shut_down());
  run(loop, sizes.shut_down());
  run(loop, lifecycle.shut_down());
  run(loop, staged_merge.stop());
  run(loop, builder.shut_down());
  run(loop, janitor.stop());
}

void TestDaemon::stop_serving() { run(loop, server_->stop(Clock::Duration::zero())); }

std::string TestDaemon::listen_on_unix() {
  const std::string path = "/tmp/sockerless-test-" + random_hex(8) + ".sock";
  server_->serve(std::make_unique<http::Listener>(loop.get_executor(), "unix://" + path));
  return path;
}

std::string TestDaemon::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

namespace {

#ifdef SOCKERLESS_OPENAPI

// Matching a pattern takes stack for every character of the text.
constexpr std::size_t kLongestTarget = 4096;

// The path without version and query, if it is one of the newest API's.
std::optional<std::string> newest_path(const std::string& target) {
  if (target.size() > kLongestTarget) return std::nullopt;
  const std::string newest = "/v" + docker::kNewest.text();
  std::string path = http::Target(target).path();
  if (path.starts_with(newest + "/")) return path.substr(newest.size());
  if (path.starts_with("/v1.")) return std::nullopt;
  return path;
}

// The shape of every answer is the description's, whatever the test is about.
void validate(const std::string& method, const std::string& target, const Reply& reply) {
  static const OpenApi description(SOCKERLESS_OPENAPI);
  const auto path = newest_path(target);
  if (!path || reply.body.is_null()) return;
  for (const std::string& violation : description.violations(method, *path, reply.status, reply.body)) {
    ADD_FAILURE() << violation;
  }
}

#else

void validate(const std::string&, const std::string&, const Reply&) {}

#endif

}  // namespace

Reply TestDaemon::send(std::string method, std::string target, std::string body) {
  http::ClientRequest request{.method = method, .url = url() + target};
  if (!body.empty()) request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  const http::ClientResponse response = run(loop, client_.send(std::move(request)));
  Reply reply{response.status, std::string(response.header("content-type")), response.body, {}};
  const bool is_one_document = reply.text.find('\n') + 1 == reply.text.size();
  if (reply.content_type == "application/json" && is_one_document && !reply.text.empty()) {
    reply.body = json::parse_value(reply.text);
  }
  validate(method, target, reply);
  return reply;
}

Reply TestDaemon::post_while(const std::string& target, std::function<void()> meanwhile) {
  // The request must have reached its wait before anything happens to it.
  const auto requests = [this] { return backend.answers() + agents.signals.size(); };
  once([requests, before = requests()] { return requests() != before; }, std::move(meanwhile));
  return post(target);
}

void TestDaemon::once(std::function<bool()> is_so, std::function<void()> act) {
  const auto wait_then_act = [](std::function<bool()> awaited, std::function<void()> then) -> Awaitable<void> {
    while (!awaited()) co_await asio::post(asio::use_awaitable);
    co_await asio::post(asio::use_awaitable);
    then();
  };
  asio::co_spawn(loop, wait_then_act(std::move(is_so), std::move(act)), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

void TestDaemon::settle() {
  loop.restart();
  while (loop.poll() > 0) loop.restart();
}

std::string TestDaemon::create(const std::string& name, const std::string& more) {
  return post("/containers/create?name=" + name, R"({"Image":"busybox")" + more + "}").at("Id");
}

void TestDaemon::start(const std::string& name, const std::string& id) {
  post_while("/containers/" + name + "/start", [this, id] {
    agents.connects(id);
    agents.starts(id);
  });
}

}  // namespace sockerless::test
