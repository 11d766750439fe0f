#include "core/logs.h"

#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("logs");

constexpr auto kPollInterval = std::chrono::seconds(1);
constexpr Clock::Duration kFirstPoll = std::chrono::milliseconds(50);  // doubles up to the interval
constexpr auto kSettleTime = std::chrono::seconds(15);                 // after the end of a launch
constexpr auto kQuietTime = std::chrono::seconds(10);                  // where nobody counted the lines
constexpr auto kPatience = std::chrono::minutes(1);                    // with a cloud that is unavailable

}  // namespace

LogReader::LogReader(Clock& clock, Backend& backend, EntryPointer entry, LogOptions options)
    : clock_(clock), backend_(backend), entry_(std::move(entry)), options_(options), settle_poll_(kFirstPoll) {}

Awaitable<std::optional<LogEvent>> LogReader::next() {
  if (options_.tail && !std::exchange(tail_loaded_, true)) co_await load_tail();
  while (ready_.empty() && !ended_) co_await load_more();
  if (ready_.empty()) co_return std::nullopt;
  LogEvent event = std::move(ready_.front());
  ready_.pop_front();
  co_return event;
}

// Reads everything that is there and keeps its end; following goes on behind it. Reading backward
// would be cheaper for huge logs, but could not tell whether late lines are still missing.
Awaitable<void> LogReader::load_tail() {
  const bool follow = std::exchange(options_.follow, false);
  const auto most = static_cast<std::size_t>(std::max(*options_.tail, 0));
  while (!ended_) {
    co_await load_more();
    while (ready_.size() > most) ready_.pop_front();
  }
  options_.follow = follow;
  ended_ = !follow;
}

Awaitable<void> LogReader::load_more() {
  // A record keeps its last launches only; `launch_` counts those that are forgotten too.
  const auto& launches = entry_->record.launches;
  const auto forgotten = static_cast<std::size_t>(entry_->record.restart.launches_forgotten);
  launch_ = std::max(launch_, forgotten);
  if (launch_ >= forgotten + launches.size()) {
    // Never started: nothing to read, and with follow something to wait for.
    if (options_.follow && !entry_->removed) {
      co_await entry_->changed.wait();
    } else {
      ended_ = true;
    }
    co_return;
  }
  const Launch launch = launches[launch_ - forgotten];
  const bool is_last = launch_ + 1 == forgotten + launches.size();
  bool at_end = true;
  if (!launch.task.empty()) {
    LogPage page = co_await read_page(launch.task);
    cursor_ = page.cursor;
    at_end = page.at_end;
    read_of_launch_ += static_cast<std::int64_t>(page.events.size());
    if (!page.events.empty()) {
      quiet_since_.reset();
      settle_poll_ = kFirstPoll;
    }
    accept(std::move(page.events));
  }
  if (!at_end || co_await wait_for_more(is_last, launch)) co_return;
  if (is_last && (!options_.follow || entry_->removed || launch.has_ended() || is_past_until())) {
    ended_ = true;
    co_return;
  }
  if (!is_last) {
    ++launch_;
    cursor_.clear();
    read_of_launch_ = 0;
    quiet_since_.reset();
  }
}

Awaitable<LogPage> LogReader::read_page(std::string task) {
  for (;;) {
    std::optional<Error> refusal;
    try {
      LogPage page = co_await backend_.read_logs({.container_id = entry_->record.id, .task = task, .cursor = cursor_});
      unavailable_since_.reset();
      co_return page;
    } catch (const Error& error) {
      refusal = error;
    }
    const auto now = clock_.steady_now();
    if (!unavailable_since_) unavailable_since_ = now;
    const bool may_pass = refusal->kind() == ErrorKind::unavailable && now - *unavailable_since_ < kPatience;
    if (!may_pass) throw Error(*refusal);
    log.debug("the log could not be read, will be tried again",
              {{"container", entry_->record.short_id()}, {"error", refusal->what()}});
    co_await clock_.sleep(kPollInterval);
  }
}

// True if the launch may still bring lines, after having waited a moment for them.
Awaitable<bool> LogReader::wait_for_more(bool is_last_launch, Launch launch) {
  if (entry_->removed || is_past_until()) co_return false;
  if (!launch.has_ended()) {
    if (!options_.follow) co_return false;
    co_await entry_->changed.wait_for(clock_, kPollInterval);
    co_return true;
  }
  if (!is_last_launch || launch.log_events.value_or(read_of_launch_ + 1) <= read_of_launch_) {
    co_return false;
  }
  const Time ended{std::chrono::nanoseconds(launch.ended_at)};
  const auto now = clock_.steady_now();
  if (!quiet_since_) quiet_since_ = now;
  // Whoever has waited here for as long is settled too: the clock may have been set back since the end.
  const bool is_settled = clock_.now() - ended >= kSettleTime || now - *quiet_since_ >= kSettleTime;
  const bool is_quiet = !launch.log_events && now - *quiet_since_ >= kQuietTime;
  if (is_settled || is_quiet) co_return false;
  co_await clock_.sleep(settle_poll_);
  settle_poll_ = std::min<Clock::Duration>(settle_poll_ * 2, kPollInterval);
  co_return true;
}

bool LogReader::is_past_until() const { return options_.until && clock_.now() > *options_.until; }

bool LogReader::is_wanted(const LogEvent& event) const {
  return (!options_.since || event.time >= *options_.since) && (!options_.until || event.time <= *options_.until);
}

void LogReader::accept(std::vector<LogEvent> events) {
  for (LogEvent& event : events) {
    if (is_wanted(event)) ready_.push_back(std::move(event));
  }
}

}  // namespace sockerless::core
