#pragma once

#include <string_view>

namespace sockerless {

// A place where the process may die in a test: behind each lies something that a later start must
// set right. Only in builds with SOCKERLESS_CRASH_POINTS; elsewhere it is nothing.
//
// SOCKERLESS_CRASH_TRACE=FILE writes the name of every point that is passed to the file, a line each;
// SOCKERLESS_CRASH_AT=N kills the process at the Nth, counted from 1. Any thread.
#ifdef SOCKERLESS_CRASH_POINTS
void crash_point(std::string_view place, std::string_view what);
#else
inline void crash_point(std::string_view, std::string_view) {}
#endif

}  // namespace sockerless
