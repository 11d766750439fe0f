#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "agent/hub/session.h"
#include "agent/hub/stream_session.h"
#include "agent/protocol/credit.h"
#include "base/event.h"

namespace sockerless::agent {

// What the peer and the client's end of a session share.
class StreamSession::State final : public Session {
 public:
  // Opens the session on the peer; opened, failed or lost follows.
  static std::shared_ptr<State> open(const std::shared_ptr<Peer>& peer, StreamRequest request);

  bool is_open() const { return is_open_; }
  bool is_over() const { return is_ended_ || failure_.has_value(); }
  // Of a session whose directions end apart: nothing more will be read.
  bool is_output_ended() const { return is_output_ended_; }
  bool is_lost() const { return is_lost_; }
  int result() const { return result_; }
  const std::string& answer() const { return answer_; }
  std::uint32_t id() const { return id_; }

  // Throws if the session has failed or was lost.
  void check() const;
  Event& changed() { return changed_; }

  // The next piece of output, its credit given back to the agent.
  std::optional<Output> take();

  // Sends of the bytes, which the owner holds, what the agent has room for, and returns how much that was.
  std::size_t send(const std::shared_ptr<const std::string>& owner, std::string_view bytes);
  void close_input();
  void abandon();

  void opened(std::string_view parameters) override;
  bool data(Stream stream, std::string_view bytes) override;
  void end_of_stream(Stream stream) override;
  bool credit(Stream stream, std::uint32_t bytes) override;
  void ended(int result) override;
  void failed(int error_number, std::string text) override;
  void lost(const std::string& reason) override;

 private:
  ReceiveWindow& window(int stream) { return stream == 2 ? error_window_ : output_window_; }

  StreamRequest request_;
  std::weak_ptr<Peer> peer_;
  std::uint32_t id_ = 0;
  std::deque<Output> outputs_;
  ReceiveWindow output_window_;
  ReceiveWindow error_window_;
  SendWindow input_window_;
  Event changed_;
  bool is_open_ = false;
  bool is_input_closed_ = false;
  bool is_ended_ = false;
  bool is_output_ended_ = false;
  int result_ = 0;
  std::string answer_;
  bool is_lost_ = false;
  int error_number_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace sockerless::agent
