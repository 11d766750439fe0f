#include "docker/stdcopy.h"

namespace sockerless::docker {

std::string stdcopy_head(int stream, std::size_t size) {
  std::string head(1, static_cast<char>(stream));
  head.append(3, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(size >> shift);
  return head;
}

std::string stdcopy_frame(int stream, std::string_view payload) {
  return stdcopy_head(stream, payload.size()).append(payload);
}

}  // namespace sockerless::docker
