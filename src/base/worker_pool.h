#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <optional>
#include <type_traits>

#include "base/async.h"

namespace sockerless {

// A few threads for work that blocks (files, hashing, mounts, fork), so that the loop never does.
// Destroying it waits for the work that has begun.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();

  // Runs `work` on a thread of the pool and resumes the caller on its own executor with the
  // result; an exception travels back too. The work owns what it uses and cannot be cancelled.
  template <typename Work>
  Awaitable<std::invoke_result_t<Work>> run(Work work) {
    using Result = std::invoke_result_t<Work>;
    // The empty slot keeps the caller's cancellation, which belongs to the loop, off the thread.
    co_return co_await asio::co_spawn(pool_, on_thread<Result>(std::move(work)),
                                      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  }

 private:
  template <typename Result, typename Work>
  static Awaitable<Result> on_thread(Work work) {
    co_return work();
  }

  asio::thread_pool pool_;
};

}  // namespace sockerless
