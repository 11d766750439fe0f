#include "base/crash_point.h"

#ifdef SOCKERLESS_CRASH_POINTS

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

namespace sockerless {
namespace {

class CrashPoints {
 public:
  CrashPoints() {
    if (const char* at = std::getenv("SOCKERLESS_CRASH_AT")) fatal_ = std::atol(at);
    if (const char* file = std::getenv("SOCKERLESS_CRASH_TRACE")) trace_.open(file, std::ios::app);
  }

  void pass(std::string_view place, std::string_view what) {
    const std::lock_guard guard(mutex_);
    ++passed_;
    if (trace_.is_open()) trace_ << place << ' ' << what << '\n' << std::flush;
    if (passed_ == fatal_) ::kill(::getpid(), SIGKILL);
  }

 private:
  std::mutex mutex_;
  long fatal_ = 0;
  long passed_ = 0;
  std::ofstream trace_;
};

}  // namespace

void crash_point(std::string_view place, std::string_view what) {
  static CrashPoints points;
  points.pass(place, what);
}

}  // namespace sockerless

#endif
