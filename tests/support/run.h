#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "base/async.h"

namespace sockerless::test {

// Runs the loop until the coroutine has ended; returns its result or throws what it threw.
template <typename T>
T run(asio::io_context& loop, Awaitable<T> work) {
  using Result = std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>;
  Result result{};
  std::exception_ptr failure;
  bool done = false;
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown) {
      failure = thrown;
      done = true;
    });
  } else {
    asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T value) {
      failure = thrown;
      if (!thrown) result.emplace(std::move(value));
      done = true;
    });
  }
  loop.restart();
  while (!done) {
    if (loop.run_one() == 0) throw std::logic_error("nothing is left to run, yet the coroutine waits");
  }
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace sockerless::test
