#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cloud/front/api_error.h"
#include "cloud/logs_api/filter_pattern.h"

using namespace sockerless::cloud;  // NOLINT: a harness is one function

// A filter pattern as anybody may send it, up to the first zero byte, and a message behind it. A pattern is refused
// with an ApiError or answers for every message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongestPattern = 1024;  // the API's own limit
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = input.substr(0, input.find('\0'));
  if (pattern.size() > kLongestPattern) return 0;
  try {
    const logs::FilterPattern filter(pattern);
    filter.matches(input.substr(pattern.size()));
    filter.matches(R"({"a":[1,{"b":"c"}],"d":null})");
    filter.matches("127.0.0.1 - frank [10/Oct/2000] \"GET /\" 404");
  } catch (const ApiError& error) {
    if (error.status() != 400) __builtin_trap();
  }
  return 0;
}
