#pragma once

#include <boost/asio/io_context.hpp>

#include <string_view>

#include "base/async.h"
#include "daemon/command.h"

// What the commands have in common.
namespace sockerless::daemon {

// Runs the command's coroutine to its end; returns its exit status or throws what it threw.
int run_command(asio::io_context& loop, Awaitable<int> work);

// With --help among the arguments, prints the usage of `sockerlessd NAME` and returns true.
bool is_help_wanted(const Arguments& arguments, std::string_view usage, const config::Options& options);

}  // namespace sockerless::daemon
