#include "base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>

#include <list>

#include "base/event.h"
#include "base/log.h"

namespace sockerless {
namespace {

const Logger log("task_group");

void report(const std::string& name, std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (!is_cancelled(error)) log.error("task failed", {{"task", name}, {"error", error.what()}});
  } catch (const std::exception& error) {
    log.error("task failed", {{"task", name}, {"error", error.what()}});
  }
}

}  // namespace

struct TaskGroup::State {
  std::list<asio::cancellation_signal> running;
  Event changed;
};

TaskGroup::TaskGroup(Executor executor) : executor_(std::move(executor)), state_(std::make_shared<State>()) {}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(std::string name, Awaitable<void> task) {
  state_->running.emplace_back();
  const auto self = std::prev(state_->running.end());
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(
                     self->slot(), [state = state_, self, name = std::move(name)](std::exception_ptr failure) {
                       report(name, failure);
                       state->running.erase(self);
                       state->changed.pulse();
                     }));
}

std::size_t TaskGroup::size() const { return state_->running.size(); }

void TaskGroup::cancel() {
  if (state_->running.empty()) return;
  // Outside the loop Boost 1.81's co_spawn posts the emission with a bare pointer into the task, which may have ended
  // when its turn comes. So the whole of it is done in the loop: at once for those who are there.
  asio::dispatch(executor_, [state = state_] {
    // A cancelled task may end inside emit() and leave the list, so step before emitting.
    for (auto task = state->running.begin(); task != state->running.end();) {
      (task++)->emit(asio::cancellation_type::all);
    }
  });
}

Awaitable<void> TaskGroup::join() {
  const auto state = state_;
  cancel();
  while (!state->running.empty()) co_await state->changed.wait();
}

}  // namespace sockerless
