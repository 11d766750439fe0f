#pragma once

#include <cstring>
#include <string>

namespace sockerless::agent {

// What an error number means, as Go and so Docker writes it: "no such file or directory".
inline std::string error_text(int error_number) {
  std::string text = strerror(error_number);
  if (text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace sockerless::agent
