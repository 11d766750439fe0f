#include "docker/stdcopy.h"

namespace sockerless::docker {

std::string stdcopy_frame(int stream, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::string frame;
  frame.reserve(8 + payload.size());
  frame += static_cast<char>(stream);
  frame.append(3, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(size >> shift);
  frame += payload;
  return frame;
}

}  // namespace sockerless::docker
