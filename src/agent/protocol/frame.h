#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// The frames that an agent and the daemon exchange: one frame in each binary WebSocket message. The
// layout of every frame is written down in docs/agent-protocol.md. Text in a decoded frame is a
// view into the message that it came from.
namespace sockerless::agent {

inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::uint16_t kOldestProtocolVersion = 1;

inline constexpr std::size_t kMaxData = 64 * 1024;           // payload of one data frame
inline constexpr std::size_t kMaxMessage = 4 * 1024 * 1024;  // any frame; an exec may carry a large environment
inline constexpr std::size_t kMaxText = 64 * 1024;           // an error text

enum class FrameType : std::uint8_t {
  hello = 0x01,
  welcome = 0x02,
  started = 0x03,
  start_failed = 0x04,
  exited = 0x05,
  ack = 0x06,
  go = 0x07,
  open = 0x10,
  opened = 0x11,
  data = 0x12,
  end_of_stream = 0x13,
  credit = 0x14,
  close = 0x15,
  error = 0x16,
};

// What a session does. The parameters of an open frame depend on it.
enum class SessionKind : std::uint8_t {
  attach = 1,
  exec = 2,
  archive_put = 3,
  archive_get = 4,
  archive_stat = 5,
  top = 6,
  stats = 7,
  changes = 8,
  export_root = 9,
  dial = 10,
  hosts = 11,
  signal = 12,
  resize = 13,
  changed_size = 14,
};

enum class Stream : std::uint8_t { standard_in = 0, standard_out = 1, standard_error = 2 };

enum class CommandState : std::uint8_t { held = 0, running = 1, failed = 2, exited = 3 };

// Frames of the connection itself. They keep their layout in every protocol version, so that the
// two sides can agree on one; later versions may only append fields.

// The first frame of the agent, in both modes.
struct Hello {
  std::uint16_t protocol = kProtocolVersion;
  std::uint16_t oldest_protocol = kOldestProtocolVersion;
  std::string_view version;
  std::string_view container_id;
  std::string_view launch_id;
  std::string_view architecture;  // as Docker names it: amd64, arm64
  CommandState state = CommandState::held;
  std::uint32_t pid = 0;  // 0 before the command runs
};

// The daemon's answer: the version that both speak from now on.
struct Welcome {
  std::uint16_t protocol = kProtocolVersion;
  std::string_view version;
};

struct Started {
  std::uint32_t pid = 0;
};

struct StartFailed {
  std::uint32_t error_number = 0;
  std::string_view text;  // Docker's words, beginning with: exec: "
};

struct Exited {
  std::int32_t code = 0;
  std::optional<std::uint64_t> log_events;  // how many events awslogs makes of the output
};

// The daemon has taken note of a report; `report` is one of started, start_failed and exited.
struct Ack {
  FrameType report = FrameType::exited;
};

// Run the command that SOCKERLESS_AGENT_WAIT holds.
struct Go {};

// Frames of a session. The daemon opens sessions, with ids that only grow on one connection.

struct Open {
  std::uint32_t session = 0;
  SessionKind kind = SessionKind::attach;
  std::string_view parameters;
};

// The session is established; what it yields depends on the kind (a process id for exec).
struct Opened {
  std::uint32_t session = 0;
  std::string_view parameters;
};

struct Data {
  std::uint32_t session = 0;
  Stream stream = Stream::standard_in;
  std::string_view bytes;
};

struct EndOfStream {
  std::uint32_t session = 0;
  Stream stream = Stream::standard_in;
};

struct Credit {
  std::uint32_t session = 0;
  Stream stream = Stream::standard_in;
  std::uint32_t bytes = 0;
};

// Ends a session. From the agent: its result. From the daemon: nobody is interested any more.
struct Close {
  std::uint32_t session = 0;
  std::int32_t result = 0;
};

// Ends a session that failed.
struct SessionError {
  std::uint32_t session = 0;
  std::uint32_t error_number = 0;
  std::string_view text;
};

using Frame = std::variant<Hello, Welcome, Started, StartFailed, Exited, Ack, Go, Open, Opened, Data, EndOfStream,
                           Credit, Close, SessionError>;

// Appends the frame to out.
void encode(std::string& out, const Frame& frame);

// The part of a data frame before its bytes, for a caller that sends the bytes without a copy.
std::string encode_data_head(std::uint32_t session, Stream stream);

// Nothing if the message is not a well-formed frame.
std::optional<Frame> decode(std::string_view message);

// Parameters of the session kinds.

struct AttachParameters {
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;
};

// `target` is a session that runs a process, 0 for the container's command.
struct SignalParameters {
  std::uint32_t target = 0;
  std::uint32_t signal = 0;
};

struct ResizeParameters {
  std::uint32_t target = 0;
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
};

std::string encode(const AttachParameters& parameters);
std::string encode(const SignalParameters& parameters);
std::string encode(const ResizeParameters& parameters);

std::optional<AttachParameters> decode_attach(std::string_view parameters);
std::optional<SignalParameters> decode_signal(std::string_view parameters);
std::optional<ResizeParameters> decode_resize(std::string_view parameters);

}  // namespace sockerless::agent
