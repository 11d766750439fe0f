#pragma once

#include <string>

#include "agent/hub/session.h"
#include "base/event.h"

namespace sockerless::agent {

// A session that only asks for something and gets a result: signal, resize.
class ControlSession final : public Session {
 public:
  enum class Outcome { waiting, done, failed, lost };

  Outcome outcome() const { return outcome_; }
  int error_number() const { return error_number_; }
  const std::string& text() const { return text_; }
  Event& settled() { return settled_; }

  void opened(std::string_view) override {}
  bool data(Stream, std::string_view) override { return false; }
  void end_of_stream(Stream) override {}
  bool credit(Stream, std::uint32_t) override { return false; }
  void ended(int) override { settle(Outcome::done, 0, {}); }
  void failed(int error_number, std::string text) override { settle(Outcome::failed, error_number, std::move(text)); }
  void lost(const std::string& reason) override { settle(Outcome::lost, 0, reason); }

 private:
  void settle(Outcome outcome, int error_number, std::string text) {
    outcome_ = outcome;
    error_number_ = error_number;
    text_ = std::move(text);
    settled_.set();
  }

  Outcome outcome_ = Outcome::waiting;
  int error_number_ = 0;
  std::string text_;
  Event settled_;
};

}  // namespace sockerless::agent
