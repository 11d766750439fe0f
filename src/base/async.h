#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace sockerless {

namespace asio = boost::asio;

// Every asynchronous function returns Awaitable<T> and takes its arguments by value (long-lived
// services excepted), so that nothing it uses can die while it is suspended. A cancelled coroutine
// ends by boost::system::system_error(operation_aborted), thrown from its co_await.
template <typename T>
using Awaitable = asio::awaitable<T>;

using Executor = asio::any_io_executor;

inline bool is_cancelled(const boost::system::system_error& error) {
  return error.code() == asio::error::operation_aborted;
}

}  // namespace sockerless
