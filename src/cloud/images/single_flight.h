#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/async.h"
#include "base/event.h"
#include "base/task_group.h"

namespace sockerless::cloud {

// Work that several callers want at the same time is done once, and a caller that is cancelled
// does not take it from the others. Used on one loop.
template <typename Result>
class SingleFlight {
 public:
  // The result of work(), or of the work that is under way for the key. `owner` keeps alive
  // whatever the work uses, this object included.
  Awaitable<Result> run(TaskGroup& group, std::shared_ptr<void> owner, std::string key,
                        std::function<Awaitable<Result>()> work) {
    auto flight = flights_[key];
    if (!flight) {
      flight = flights_[key] = std::make_shared<Flight>();
      group.spawn(key, fly(this, std::move(owner), key, flight, std::move(work)));
    }
    co_await flight->done.wait();
    if (flight->failure) std::rethrow_exception(flight->failure);
    co_return *flight->result;
  }

 private:
  struct Flight {
    Event done;
    std::exception_ptr failure;
    std::optional<Result> result;
  };

  static Awaitable<void> fly(SingleFlight* self, std::shared_ptr<void> /*owner*/, std::string key,
                             std::shared_ptr<Flight> flight, std::function<Awaitable<Result>()> work) {
    try {
      flight->result = co_await work();
    } catch (...) {
      flight->failure = std::current_exception();  // for each who waits
    }
    self->flights_.erase(key);
    flight->done.set();
  }

  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace sockerless::cloud
