#include "cloud/faults/cloud_clock.h"

#include <algorithm>

namespace sockerless::cloud {

struct CloudClock::Entry {
  std::chrono::steady_clock::time_point due;
  std::function<void()> call;
  std::unique_ptr<Timer> timer;  // of the clock below
};

// Takes the entry out of the list; may outlive the clock.
class CloudClock::Handle final : public Timer {
 public:
  Handle(std::weak_ptr<Entries> entries, std::shared_ptr<Entry> entry)
      : entries_(std::move(entries)), entry_(std::move(entry)) {}
  ~Handle() override {
    entry_->timer.reset();
    if (const auto entries = entries_.lock()) entries->remove(entry_);
  }

 private:
  std::weak_ptr<Entries> entries_;
  std::shared_ptr<Entry> entry_;
};

CloudClock::CloudClock(Clock& real) : real_(real), entries_(std::make_shared<Entries>()) {}

CloudClock::~CloudClock() = default;

std::unique_ptr<Clock::Timer> CloudClock::after(Duration delay, std::function<void()> call) {
  const auto due = steady_now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay);
  auto entry = std::make_shared<Entry>(Entry{due, std::move(call), nullptr});
  const auto behind = std::find_if(entries_->begin(), entries_->end(), [&](const auto& e) { return e->due > due; });
  entries_->insert(behind, entry);
  arm(entry);
  return std::make_unique<Handle>(entries_, std::move(entry));
}

void CloudClock::advance(Duration by) {
  ahead_ += by;
  for (const auto& entry : *entries_) arm(entry);
}

void CloudClock::arm(const std::shared_ptr<Entry>& entry) {
  const Duration left = std::max(Duration(0), Duration(entry->due - steady_now()));
  entry->timer = real_.after(left, [entries = std::weak_ptr<Entries>(entries_), weak = std::weak_ptr<Entry>(entry)] {
    const auto fired = weak.lock();
    const auto all = entries.lock();
    if (!fired || !all) return;
    all->remove(fired);
    const auto call = std::move(fired->call);
    call();
  });
}

}  // namespace sockerless::cloud
