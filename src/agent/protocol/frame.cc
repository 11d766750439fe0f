#include "agent/protocol/frame.h"

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr std::uint8_t kAttachStandardIn = 1;
constexpr std::uint8_t kAttachStandardOut = 2;
constexpr std::uint8_t kAttachStandardError = 4;

class Encoder {
 public:
  explicit Encoder(std::string& out) : writer_(out) {}

  void operator()(const Hello& frame) {
    type(FrameType::hello);
    writer_.u16(frame.protocol);
    writer_.u16(frame.oldest_protocol);
    writer_.text(frame.version);
    writer_.text(frame.container_id);
    writer_.text(frame.launch_id);
    writer_.text(frame.architecture);
    writer_.u8(static_cast<std::uint8_t>(frame.state));
    writer_.u32(frame.pid);
  }
  void operator()(const Welcome& frame) {
    type(FrameType::welcome);
    writer_.u16(frame.protocol);
    writer_.text(frame.version);
  }
  void operator()(const Started& frame) {
    type(FrameType::started);
    writer_.u32(frame.pid);
  }
  void operator()(const StartFailed& frame) {
    type(FrameType::start_failed);
    writer_.u32(frame.error_number);
    writer_.text(frame.text.substr(0, kMaxText));
  }
  void operator()(const Exited& frame) {
    type(FrameType::exited);
    writer_.u32(static_cast<std::uint32_t>(frame.code));
    writer_.u8(frame.log_events ? 1 : 0);
    writer_.u64(frame.log_events.value_or(0));
  }
  void operator()(const Ack& frame) {
    type(FrameType::ack);
    writer_.u8(static_cast<std::uint8_t>(frame.report));
  }
  void operator()(const Go&) { type(FrameType::go); }
  void operator()(const Open& frame) {
    session(FrameType::open, frame.session);
    writer_.u8(static_cast<std::uint8_t>(frame.kind));
    writer_.bytes(frame.parameters);
  }
  void operator()(const Opened& frame) {
    session(FrameType::opened, frame.session);
    writer_.bytes(frame.parameters);
  }
  void operator()(const Data& frame) {
    stream(FrameType::data, frame.session, frame.stream);
    writer_.bytes(frame.bytes);
  }
  void operator()(const EndOfStream& frame) { stream(FrameType::end_of_stream, frame.session, frame.stream); }
  void operator()(const Credit& frame) {
    stream(FrameType::credit, frame.session, frame.stream);
    writer_.u32(frame.bytes);
  }
  void operator()(const Close& frame) {
    session(FrameType::close, frame.session);
    writer_.u32(static_cast<std::uint32_t>(frame.result));
  }
  void operator()(const SessionError& frame) {
    session(FrameType::error, frame.session);
    writer_.u32(frame.error_number);
    writer_.text(frame.text.substr(0, kMaxText));
  }

 private:
  void type(FrameType type) { writer_.u8(static_cast<std::uint8_t>(type)); }
  void session(FrameType frame_type, std::uint32_t id) {
    type(frame_type);
    writer_.u32(id);
  }
  void stream(FrameType frame_type, std::uint32_t id, Stream number) {
    session(frame_type, id);
    writer_.u8(static_cast<std::uint8_t>(number));
  }

  ByteWriter writer_;
};

std::optional<Stream> read_stream(ByteReader& reader) {
  const std::uint8_t number = reader.u8();
  if (!reader.ok() || number > static_cast<std::uint8_t>(Stream::standard_error)) return std::nullopt;
  return static_cast<Stream>(number);
}

std::optional<Frame> read_hello(ByteReader& reader) {
  Hello frame;
  frame.protocol = reader.u16();
  frame.oldest_protocol = reader.u16();
  frame.version = reader.text();
  frame.container_id = reader.text();
  frame.launch_id = reader.text();
  frame.architecture = reader.text();
  const std::uint8_t state = reader.u8();
  frame.state = static_cast<CommandState>(state);
  frame.pid = reader.u32();
  const bool is_sound = frame.oldest_protocol > 0 && frame.oldest_protocol <= frame.protocol &&
                        state <= static_cast<std::uint8_t>(CommandState::exited);
  if (!is_sound) return std::nullopt;
  return frame;
}

std::optional<Frame> read_exited(ByteReader& reader) {
  Exited frame{.code = static_cast<std::int32_t>(reader.u32()), .log_events = std::nullopt};
  const std::uint8_t is_known = reader.u8();
  const std::uint64_t events = reader.u64();
  if (is_known > 1) return std::nullopt;
  if (is_known == 1) frame.log_events = events;
  return frame;
}

std::optional<Frame> read_ack(ByteReader& reader) {
  const auto report = static_cast<FrameType>(reader.u8());
  if (report < FrameType::started || report > FrameType::exited) return std::nullopt;
  return Ack{.report = report};
}

std::optional<Frame> read_start_failed(ByteReader& reader) {
  const std::uint32_t error_number = reader.u32();
  const std::string_view text = reader.text();
  if (text.size() > kMaxText) return std::nullopt;
  return StartFailed{.error_number = error_number, .text = text};
}

std::optional<Frame> read_connection_frame(FrameType type, ByteReader& reader) {
  switch (type) {
    case FrameType::hello: return read_hello(reader);
    case FrameType::welcome: {
      const std::uint16_t protocol = reader.u16();
      return Welcome{.protocol = protocol, .version = reader.text()};
    }
    case FrameType::started: return Started{.pid = reader.u32()};
    case FrameType::start_failed: return read_start_failed(reader);
    case FrameType::exited: return read_exited(reader);
    case FrameType::ack: return read_ack(reader);
    case FrameType::go: return Go{};
    default: return std::nullopt;
  }
}

std::optional<Frame> read_stream_frame(FrameType type, std::uint32_t session, ByteReader& reader) {
  const std::optional<Stream> stream = read_stream(reader);
  if (!stream) return std::nullopt;
  if (type == FrameType::end_of_stream) return EndOfStream{.session = session, .stream = *stream};
  if (type == FrameType::credit) return Credit{.session = session, .stream = *stream, .bytes = reader.u32()};
  const std::string_view bytes = reader.rest();
  if (bytes.empty() || bytes.size() > kMaxData) return std::nullopt;
  return Data{.session = session, .stream = *stream, .bytes = bytes};
}

std::optional<Frame> read_session_frame(FrameType type, ByteReader& reader) {
  const std::uint32_t session = reader.u32();
  if (session == 0) return std::nullopt;
  switch (type) {
    case FrameType::open: {
      const auto kind = static_cast<SessionKind>(reader.u8());
      return Open{.session = session, .kind = kind, .parameters = reader.rest()};
    }
    case FrameType::opened: return Opened{.session = session, .parameters = reader.rest()};
    case FrameType::data:
    case FrameType::end_of_stream:
    case FrameType::credit: return read_stream_frame(type, session, reader);
    case FrameType::close: return Close{.session = session, .result = static_cast<std::int32_t>(reader.u32())};
    case FrameType::error: {
      const std::uint32_t error_number = reader.u32();
      const std::string_view text = reader.text();
      if (text.size() > kMaxText) return std::nullopt;
      return SessionError{.session = session, .error_number = error_number, .text = text};
    }
    default: return std::nullopt;
  }
}

}  // namespace

void encode(std::string& out, const Frame& frame) { std::visit(Encoder(out), frame); }

std::string encode_data_head(std::uint32_t session, Stream stream) {
  std::string head;
  encode(head, Data{.session = session, .stream = stream, .bytes = {}});
  return head;
}

// Bytes behind the last known field are ignored: a later version may have appended some.
std::optional<Frame> decode(std::string_view message) {
  ByteReader reader(message);
  const auto type = static_cast<FrameType>(reader.u8());
  std::optional<Frame> frame =
      type < FrameType::open ? read_connection_frame(type, reader) : read_session_frame(type, reader);
  if (!reader.ok()) return std::nullopt;
  return frame;
}

std::string encode(const AttachParameters& parameters) {
  std::string out;
  ByteWriter(out).u8(static_cast<std::uint8_t>((parameters.standard_in ? kAttachStandardIn : 0) |
                                               (parameters.standard_out ? kAttachStandardOut : 0) |
                                               (parameters.standard_error ? kAttachStandardError : 0)));
  return out;
}

std::string encode(const SignalParameters& parameters) {
  std::string out;
  ByteWriter writer(out);
  writer.u32(parameters.target);
  writer.u32(parameters.signal);
  return out;
}

std::string encode(const ResizeParameters& parameters) {
  std::string out;
  ByteWriter writer(out);
  writer.u32(parameters.target);
  writer.u16(parameters.rows);
  writer.u16(parameters.columns);
  return out;
}

std::optional<AttachParameters> decode_attach(std::string_view parameters) {
  ByteReader reader(parameters);
  const std::uint8_t flags = reader.u8();
  if (!reader.ok()) return std::nullopt;
  return AttachParameters{.standard_in = (flags & kAttachStandardIn) != 0,
                          .standard_out = (flags & kAttachStandardOut) != 0,
                          .standard_error = (flags & kAttachStandardError) != 0};
}

std::optional<SignalParameters> decode_signal(std::string_view parameters) {
  ByteReader reader(parameters);
  SignalParameters decoded;
  decoded.target = reader.u32();
  decoded.signal = reader.u32();
  if (!reader.ok()) return std::nullopt;
  return decoded;
}

std::optional<ResizeParameters> decode_resize(std::string_view parameters) {
  ByteReader reader(parameters);
  ResizeParameters decoded;
  decoded.target = reader.u32();
  decoded.rows = reader.u16();
  decoded.columns = reader.u16();
  if (!reader.ok()) return std::nullopt;
  return decoded;
}

}  // namespace sockerless::agent
