#pragma once

#include <string>
#include <string_view>

namespace sockerless::docker {

// The bytes of a client's key sequence: "ctrl-p,ctrl-q", "a,b". Empty is Docker's own, ctrl-p ctrl-q.
// Throws Error(invalid_argument).
std::string parse_detach_keys(std::string_view text);

// Watches a terminal's input for the detach keys. What could be their beginning is held until it turns
// out not to be, as Docker holds it.
class DetachKeys {
 public:
  // The bytes of the sequence; an empty one is never found.
  explicit DetachKeys(std::string sequence) : sequence_(std::move(sequence)) {}

  // What may be passed on of the input. Once the sequence was seen, nothing any more.
  std::string filter(std::string_view input);
  bool were_pressed() const { return were_pressed_; }

  // What is held at the end of the input.
  std::string rest();

 private:
  std::string sequence_;
  std::size_t matched_ = 0;
  bool were_pressed_ = false;
};

}  // namespace sockerless::docker
