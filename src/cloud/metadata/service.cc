#include "cloud/metadata/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/metadata/credentials.h"
#include "cloud/metadata/views.h"
#include "cloud/tasks/task_role.h"

namespace sockerless::cloud {
namespace {

// The limits of the agent on AWS, for each task.
constexpr double kBurst = 60;
constexpr double kCallsPerSecond = 40;

constexpr auto kSessionLifetime = std::chrono::hours(6);
// A session that has less time left than this is followed by the next one.
constexpr auto kRenewal = std::chrono::minutes(30);

struct Protection {
  struct Failure {
    std::string arn;
    std::string reason;

    static constexpr auto fields() {
      return std::tuple{json::field("Arn", &Failure::arn), json::field("Reason", &Failure::reason)};
    }
  };
  Failure failure;

  static constexpr auto fields() { return std::tuple{json::field("failure", &Protection::failure)}; }
};

Error unknown(const std::string& id) {
  return {ErrorKind::not_found, fmt::format("no running container has the metadata id {}", id)};
}

http::Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found: return http::Status::not_found;
    case ErrorKind::unavailable: return http::Status::too_many_requests;
    default: return http::Status::internal_server_error;
  }
}

}  // namespace

MetadataService::MetadataService(Tasks& tasks, Sessions& sessions, Clock& clock, Sampler sampler)
    : tasks_(tasks), sessions_(sessions), clock_(clock), sampler_(std::move(sampler)) {
  const auto bind = [this](Show show) {
    return [this, show](http::Exchange& exchange) { return (this->*show)(exchange); };
  };
  for (const char* base : {"/v4/{id}", "/v3/{id}"}) {
    const std::string path = base;
    router_.get(path, bind(&MetadataService::show_container));
    router_.get(path + "/task", bind(&MetadataService::show_task));
    router_.get(path + "/taskWithTags", bind(&MetadataService::show_task_with_tags));
    router_.get(path + "/stats", bind(&MetadataService::show_statistics));
    router_.get(path + "/task/stats", bind(&MetadataService::show_task_statistics));
  }
  router_.get("/v2/credentials/{id}", bind(&MetadataService::show_credentials));
  router_.get("/api/{id}/task-protection/v1/state", bind(&MetadataService::show_protection));
  router_.put("/api/{id}/task-protection/v1/state", bind(&MetadataService::show_protection));
}

Awaitable<void> MetadataService::handle(http::Exchange& exchange) {
  try {
    auto match = router_.match(exchange.method(), exchange.target().path());
    if (!match) throw Error(ErrorKind::not_found, "404 page not found");
    exchange.set_params(std::move(match->params));
    co_await (*match->handler)(exchange);
  } catch (const Error& error) {
    exchange.reply_json(status_of(error.kind()), std::string(error.what()));
  }
}

MetadataService::Found MetadataService::find(const std::string& container_id) {
  TaskRun* task = tasks_.find(container_id.substr(0, container_id.rfind('-')));
  if (task == nullptr) throw unknown(container_id);
  for (const TaskRun::ContainerRun& container : task->containers()) {
    if (container.runtime_id == container_id) {
      admit(task->id());
      return {*task, container};
    }
  }
  throw unknown(container_id);
}

MetadataService::Guest& MetadataService::guest(const std::string& task_id) {
  const auto known = guests_.find(task_id);
  if (known != guests_.end()) return known->second;
  for (auto each = guests_.begin(); each != guests_.end();) {
    each = tasks_.find(each->first) == nullptr ? guests_.erase(each) : std::next(each);
  }
  Guest& fresh = guests_[task_id];
  fresh.calls_left = kBurst;
  fresh.at = clock_.steady_now();
  return fresh;
}

MetadataService::Guest& MetadataService::admit(const std::string& task_id) {
  Guest& asking = guest(task_id);
  const auto now = clock_.steady_now();
  const std::chrono::duration<double> passed = now - asking.at;
  asking.calls_left = std::min(kBurst, asking.calls_left + passed.count() * kCallsPerSecond);
  asking.at = now;
  if (asking.calls_left < 1) throw Error(ErrorKind::unavailable, "You have reached maximum request limit.");
  asking.calls_left -= 1;
  return asking;
}

Awaitable<void> MetadataService::show_container(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  exchange.reply_json(http::Status::ok, metadata::view_of(found.task, found.container));
  co_return;
}

Awaitable<void> MetadataService::show_task(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  exchange.reply_json(http::Status::ok, metadata::view_of(found.task, clock_.now()));
  co_return;
}

Awaitable<void> MetadataService::show_task_with_tags(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  metadata::Task view = metadata::view_of(found.task, clock_.now());
  for (const ecs::Tag& tag : found.task.task().tags) view.tags[tag.key] = tag.value;
  exchange.reply_json(http::Status::ok, view);
  co_return;
}

Awaitable<metadata::Statistics> MetadataService::measure(std::string task_id, std::string container_id,
                                                         std::string name) {
  const metadata::Sample now = co_await sampler_(container_id, task_id);
  auto& samples = guest(task_id).samples;
  const auto known = samples.find(container_id);
  std::optional<metadata::Sample> before;
  if (known != samples.end()) before = known->second;
  samples[container_id] = now;
  metadata::Statistics statistics = metadata::statistics_of(now, before);
  statistics.id = container_id;
  statistics.name = name;
  co_return statistics;
}

Awaitable<void> MetadataService::show_statistics(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  const std::string task_id = found.task.id();
  const std::string name = found.container.definition.name;
  exchange.reply_json(http::Status::ok, co_await measure(task_id, exchange.param("id"), name));
}

Awaitable<void> MetadataService::show_task_statistics(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  const std::string task_id = found.task.id();
  std::map<std::string, std::string> names;
  for (const auto& container : found.task.containers()) names[container.runtime_id] = container.definition.name;
  std::map<std::string, std::optional<metadata::Statistics>> all;
  for (const auto& [id, name] : names) {
    try {
      all[id] = co_await measure(task_id, id, name);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      all[id] = std::nullopt;  // AWS shows null for a container that does not run
    }
  }
  exchange.reply_json(http::Status::ok, all);
}

Awaitable<void> MetadataService::show_credentials(http::Exchange& exchange) {
  for (const auto& [key, run] : tasks_.living()) {
    const std::string role = role_of(run->task(), run->definition());
    if (run->has_stopped() || role.empty() || credentials_id(run->id()) != exchange.param("id")) continue;
    Guest& asking = admit(run->id());
    const Session* session = sessions_.find(asking.access_key_id);
    if (session == nullptr || session->expires - clock_.now() < kRenewal) {
      session = &sessions_.issue(role, run->id(), clock_.now(), kSessionLifetime);
      asking.access_key_id = session->access_key_id;
    }
    exchange.reply_json(http::Status::ok,
                        metadata::Credentials{role, session->access_key_id, session->secret_access_key.reveal(),
                                              session->token.reveal(), format_rfc3339_nano(session->expires)});
    co_return;
  }
  exchange.reply_json(http::Status::bad_request,
                      metadata::Failure{"InvalidIdInRequest", "CredentialsV2Request: Credentials not found", 400});
}

// Only tasks of services can be protected, and RunTask makes others.
Awaitable<void> MetadataService::show_protection(http::Exchange& exchange) {
  const Found found = find(exchange.param("id"));
  exchange.reply_json(http::Status::ok, Protection{{found.task.task().arn, "TASK_NOT_VALID"}});
  co_return;
}

}  // namespace sockerless::cloud
