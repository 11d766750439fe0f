#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/protocol/frame.h"

namespace sockerless::agent {

// What a peer tells one of its sessions. After ended(), failed() or lost() comes nothing more.
// Functions that return bool return false if the agent broke the protocol.
class Session {
 public:
  virtual ~Session() = default;

  virtual void opened(std::string_view parameters) = 0;
  [[nodiscard]] virtual bool data(Stream stream, std::string_view bytes) = 0;
  virtual void end_of_stream(Stream stream) = 0;
  [[nodiscard]] virtual bool credit(Stream stream, std::uint32_t bytes) = 0;
  virtual void ended(int result) = 0;
  virtual void failed(int error_number, std::string text) = 0;
  virtual void lost(const std::string& reason) = 0;
};

}  // namespace sockerless::agent
