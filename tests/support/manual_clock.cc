#include "tests/support/manual_clock.h"

#include <boost/asio/post.hpp>

#include <map>

namespace sockerless::test {
namespace {

const Time kStart = from_epoch_seconds(1767225600);

}  // namespace

struct ManualClock::Entry {
  Duration due;
  std::function<void()> call;
};

// Apart from the clock, so that a timer may outlive it.
struct ManualClock::Timers {
  std::multimap<Duration, std::shared_ptr<Entry>> by_time;

  void remove(const std::shared_ptr<Entry>& entry) {
    const auto [begin, end] = by_time.equal_range(entry->due);
    for (auto it = begin; it != end; ++it) {
      if (it->second != entry) continue;
      by_time.erase(it);
      return;
    }
  }
};

class ManualClock::Handle final : public Clock::Timer {
 public:
  Handle(std::weak_ptr<Timers> timers, std::shared_ptr<Entry> entry)
      : timers_(std::move(timers)), entry_(std::move(entry)) {}
  ~Handle() override {
    if (const auto timers = timers_.lock()) timers->remove(entry_);
  }

 private:
  std::weak_ptr<Timers> timers_;
  std::shared_ptr<Entry> entry_;
};

ManualClock::ManualClock(Executor executor, Mode mode)
    : executor_(std::move(executor)), mode_(mode), timers_(std::make_shared<Timers>()) {}

ManualClock::~ManualClock() = default;

Time ManualClock::now() const { return kStart + elapsed_ + wall_offset_; }

std::chrono::steady_clock::time_point ManualClock::steady_now() const {
  return std::chrono::steady_clock::time_point(elapsed_);
}

std::unique_ptr<Clock::Timer> ManualClock::after(Duration delay, std::function<void()> call) {
  auto entry = std::make_shared<Entry>(Entry{elapsed_ + delay, std::move(call)});
  timers_->by_time.emplace(entry->due, entry);
  if (mode_ == Mode::skip_waits) {
    asio::post(executor_, [this, timers = std::weak_ptr<Timers>(timers_), entry] {
      // An expired pointer means that the clock itself is gone.
      if (!timers.lock() || entry->due < elapsed_) return;
      advance(entry->due - elapsed_);
    });
  }
  return std::make_unique<Handle>(timers_, std::move(entry));
}

void ManualClock::advance(Duration by) {
  const Duration target = elapsed_ + by;
  while (!timers_->by_time.empty() && timers_->by_time.begin()->first <= target) {
    const auto entry = timers_->by_time.begin()->second;
    timers_->by_time.erase(timers_->by_time.begin());
    elapsed_ = std::max(elapsed_, entry->due);
    entry->call();
  }
  elapsed_ = target;
}

void ManualClock::set_wall_clock(Time to) { wall_offset_ = to - kStart - elapsed_; }

std::size_t ManualClock::pending() const { return timers_->by_time.size(); }

}  // namespace sockerless::test
