#include "core/containers.h"

#include <fmt/format.h>

#include "base/id.h"
#include "base/open_outcome.h"
#include "base/rollback.h"
#include "core/container_create.h"
#include "core/deferred_session.h"
#include "core/errors.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kShortId = 12;

// Counts its client as attached for as long as the session lives.
class CountedSession final : public AttachSession {
 public:
  CountedSession(EntryPointer entry, std::shared_ptr<AttachSession> session)
      : entry_(std::move(entry)), session_(std::move(session)) {
    ++entry_->attached;
  }
  ~CountedSession() override {
    session_.reset();
    --entry_->attached;
    entry_->changed.pulse();
  }

  Awaitable<std::optional<OutputPart>> read() override { return session_->read(); }
  Awaitable<void> write(std::string bytes) override { return session_->write(std::move(bytes)); }
  void close_stdin() override { session_->close_stdin(); }

 private:
  EntryPointer entry_;
  std::shared_ptr<AttachSession> session_;
};

}  // namespace

ExitWait::ExitWait(EntryPointer entry, WaitCondition condition)
    : entry_(std::move(entry)), condition_(condition), exits_before_(entry_->exits) {}

bool ExitWait::is_over() const {
  switch (condition_) {
    case WaitCondition::not_running:
      return !entry_->record.state.is_up() || entry_->exits > exits_before_ || entry_->removed;
    case WaitCondition::next_exit: return entry_->exits > exits_before_ || entry_->removed;
    case WaitCondition::removed: return entry_->removed;
  }
  return true;
}

Awaitable<ExitWait::Outcome> ExitWait::outcome() {
  while (!is_over()) co_await entry_->changed.wait();
  const State& state = entry_->record.state;
  // What made a start fail is start's answer, not that of the waiters.
  const bool has_ended = state.status == Status::exited && !state.restarting;
  co_return Outcome{state.exit_code, has_ended ? state.error : ""};
}

Containers::Containers(Services services, Images& images, Volumes& volumes, Networks& networks, Lifecycle& lifecycle,
                       CreationSettings settings)
    : services_(services),
      images_(images),
      volumes_(volumes),
      networks_(networks),
      lifecycle_(lifecycle),
      settings_(std::move(settings)) {}

Container Containers::get(std::string_view reference) const { return lifecycle_.table().get(reference)->record; }

std::string Containers::unused_name() const {
  std::string name = generate_name();
  while (lifecycle_.table().is_taken(name)) name = generate_name() + random_hex(1);
  return name;
}

Container Containers::make_record(const CreateRequest& request, const ImageRecord& image) const {
  Container record;
  record.id = random_hex(32);
  record.name = request.name.empty() ? unused_name() : request.name;
  record.created_at = services_.clock.now().time_since_epoch().count();
  record.image_id = image.id;
  record.architecture = image.architecture;
  if (image.source != request.config.image) record.image_source = image.source;
  record.config = merge(request.config, image);
  if (record.config.hostname.empty()) record.config.hostname = record.id.substr(0, kShortId);
  record.host_config = with_defaults(request.host_config);
  record.networks = request.endpoints;
  record.networks = networks_.initial(record);
  record.agent_token = settings_.agent_token.empty() ? random_hex(32) : settings_.agent_token;
  std::vector<std::string> words = record.config.entrypoint.value_or(Words());
  words.insert(words.end(), record.config.cmd.begin(), record.config.cmd.end());
  record.path = words.front();
  record.args.assign(words.begin() + 1, words.end());
  return record;
}

Awaitable<CreateResult> Containers::create(CreateRequest request) {
  if (!request.name.empty() && request.name.front() == '/') request.name.erase(0, 1);
  if (!request.name.empty() && !is_valid_name(request.name)) {
    throw bad_container_name(request.name);
  }
  validate(request.config, request.host_config);
  // A client that leaves in the middle must not leave a definition behind that nobody knows.
  auto result = std::make_shared<CreateResult>();
  co_await lifecycle_.to_the_end("create container", run_create(std::move(request), result));
  co_return std::move(*result);
}

// The record without a definition is on disk first: it tells the next start that there may be one.
Awaitable<Registration> Containers::register_record(Container record) {
  co_await services_.store.put(Lifecycle::kTable, record.id, json::to_text(record), Durability::relaxed);
  std::optional<Error> refusal;
  bool may_be_registered = false;
  try {
    co_return co_await services_.backend.register_container(record);
  } catch (const Error& error) {
    refusal = error;
    may_be_registered = outcome_is_open(error);
  }
  if (may_be_registered) co_await services_.janitor.deregister_all(record.id);
  co_await services_.store.erase(Lifecycle::kTable, record.id);
  throw Error(*refusal);
}

Awaitable<void> Containers::use_layers(std::string id, ImageRecord image) {
  if (image.source == ImageRecord::kScratch) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("the image {} was built FROM scratch: an ECS task needs an image from a registry; build it "
                            "FROM a small image instead",
                            image.tags.empty() ? image.id : image.tags.front()));
  }
  if (!image.staged_layers.empty()) co_await staging_->use_layers(id, image.staged_layers);
}

Awaitable<void> Containers::run_create(CreateRequest request, std::shared_ptr<CreateResult> result) {
  const ImageRecord image = images_.get(request.config.image);
  Container record = make_record(request, image);
  ContainerTable& table = lifecycle_.table();
  table.claim_name(record.name, record.id);
  Rollback release_name([&, name = record.name] { table.release_name(name); });

  record.mounts = co_await take_mounts(record, result);
  Registration registration;
  std::optional<Error> failure;
  try {
    co_await use_layers(record.id, image);
    registration = co_await register_record(record);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    if (staging_ != nullptr) co_await staging_->remove(record.id);
    co_await volumes_.remove_anonymous_of(record);
    throw Error(*failure);
  }
  record.definition = registration.definition;
  const EntryPointer entry = table.add(record);
  try {
    co_await lifecycle_.save(entry);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    table.remove(record.id);
    release_name.dismiss();
    if (staging_ != nullptr) co_await staging_->remove(record.id);
    co_await services_.janitor.deregister(record.definition);
    throw Error(*failure);
  }
  release_name.dismiss();
  services_.events.publish(record, "create");
  result->id = record.id;
  auto& warnings = result->warnings;
  warnings.insert(warnings.end(), registration.warnings.begin(), registration.warnings.end());
  if (image.synthetic) {
    warnings.push_back(fmt::format(
        "the configuration of image {} is not known, because its registry could not be asked", record.config.image));
  }
}

Awaitable<void> Containers::start(std::string reference) { return lifecycle_.start(lifecycle_.table().get(reference)); }

Awaitable<void> Containers::stop(std::string reference, StopRequest request) {
  return lifecycle_.stop(lifecycle_.table().get(reference), request);
}

Awaitable<void> Containers::restart(std::string reference, StopRequest request) {
  const EntryPointer entry = lifecycle_.table().get(reference);
  {
    entry->is_being_restarted = true;
    const Rollback stopped([&] { entry->is_being_restarted = false; });
    if (entry->record.state.is_up()) co_await lifecycle_.stop(entry, request);
  }
  co_await lifecycle_.start(entry);
  services_.events.publish(entry->record, "restart");
}

Awaitable<void> Containers::kill(std::string reference, int signal) {
  return lifecycle_.kill(lifecycle_.table().get(reference), signal);
}

Awaitable<void> Containers::rename(std::string reference, std::string name) {
  ContainerTable& table = lifecycle_.table();
  const EntryPointer entry = table.get(reference);
  if (!name.empty() && name.front() == '/') name.erase(0, 1);
  if (name.empty()) {
    throw Error(ErrorKind::invalid_argument, "Neither old nor new names may be empty");
  }
  if (!is_valid_name(name)) {
    throw Error(ErrorKind::invalid_argument,
                std::string("Error when allocating new name: ") + bad_container_name("/" + name).what());
  }
  const std::string before = entry->record.name;
  if (name == before) {
    throw Error(ErrorKind::invalid_argument, "Renaming a container with the same name as its current name");
  }
  try {
    table.claim_name(name, entry->record.id);
  } catch (const Error& error) {
    throw Error(error.kind(), std::string("Error when allocating new name: ") + error.what());
  }
  entry->record.name = name;
  Rollback undo([&] {
    entry->record.name = before;
    table.release_name(name);
  });
  co_await lifecycle_.save(entry);
  undo.dismiss();
  table.release_name(before);
  services_.events.publish(entry->record, "rename", {{"oldName", "/" + before}});
  if (names_ != nullptr) names_->changed(entry);
}

ExitWait Containers::wait(std::string_view reference, WaitCondition condition) const {
  return ExitWait(lifecycle_.table().get(reference), condition);
}

Awaitable<std::unique_ptr<AttachSession>> Containers::attach(std::string reference, AttachStreams streams) {
  const EntryPointer entry = lifecycle_.table().get(reference);
  if (entry->record.state.restarting) throw container_is_restarting(reference);
  services_.events.publish(entry->record, "attach");
  const Launch* launch = entry->record.current_launch();
  const bool waits_for_start = !entry->record.state.is_running() ||
                               (entry->record.state.status == Status::starting && launch->held && !entry->released);
  std::shared_ptr<AttachSession> session;
  if (waits_for_start) {
    auto deferred = std::make_shared<DeferredSession>(streams);
    entry->waiting_clients.push_back(deferred);
    session = std::move(deferred);
  } else {
    session = co_await services_.drivers.process.pick(entry->record).attach(entry->record, streams);
  }
  co_return std::make_unique<CountedSession>(entry, std::move(session));
}

void Containers::note_detached(std::string_view reference) {
  services_.events.publish(lifecycle_.table().get(reference)->record, "detach");
}

Awaitable<void> Containers::resize(std::string reference, int rows, int columns) {
  const EntryPointer entry = lifecycle_.table().get(reference);
  if (!entry->record.state.is_running()) throw not_running(entry->record.id);
  co_await services_.drivers.process.pick(entry->record).resize(entry->record, rows, columns);
}

std::unique_ptr<LogReader> Containers::logs(std::string_view reference, LogOptions options) const {
  return std::make_unique<LogReader>(services_.clock, services_.backend, lifecycle_.table().get(reference), options);
}

std::vector<Container> Containers::all() const {
  std::vector<Container> containers;
  containers.reserve(lifecycle_.table().size());
  for (const EntryPointer& entry : lifecycle_.table().all()) containers.push_back(entry->record);
  return containers;
}

std::optional<ImageUser> Containers::user_of_image(std::string_view image_id) const {
  std::optional<ImageUser> user;
  for (const EntryPointer& entry : lifecycle_.table().all()) {
    if (entry->record.image_id != image_id) continue;
    const bool is_running = entry->record.state.is_up();
    if (!user || is_running) user = ImageUser{entry->record.id, is_running};
    if (is_running) break;
  }
  return user;
}

}  // namespace sockerless::core
