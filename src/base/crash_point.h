#pragma once

#include <string_view>

namespace sockerless {

// A place where the process may die in a test: behind each lies something that a later start must
// set right. Only in builds with SOCKERLESS_CRASH_POINTS; elsewhere it is nothing. Any thread, but
// arm_crash_points() comes first.
#ifdef SOCKERLESS_CRASH_POINTS
void crash_point(std::string_view place, std::string_view what);

// `at`: the process is killed at the point of this number, counted from 1. `trace`: a file that gets the
// name of every point that is passed, a line each. nullptr for neither.
void arm_crash_points(const char* at, const char* trace);
#else
inline void crash_point(std::string_view, std::string_view) {}
inline void arm_crash_points(const char*, const char*) {}
#endif

}  // namespace sockerless
