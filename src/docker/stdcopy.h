#pragma once

#include <string>
#include <string_view>

namespace sockerless::docker {

// What stands in front of a payload of that size.
std::string stdcopy_head(int stream, std::size_t size);

// One frame of Docker's multiplexed stream: [stream, 0, 0, 0, length as 4 bytes big endian] and the
// payload. Used for attach, exec and logs of containers without a terminal.
std::string stdcopy_frame(int stream, std::string_view payload);

}  // namespace sockerless::docker
