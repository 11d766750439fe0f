#include "agent/protocol/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sockerless::agent {
namespace {

std::string encoded(const Frame& frame) {
  std::string out;
  encode(out, frame);
  return out;
}

std::vector<Frame> samples() {
  return {Hello{.version = "1.2",
                .container_id = "c",
                .launch_id = "l",
                .architecture = "amd64",
                .state = CommandState::running,
                .pid = 77},
          Welcome{.protocol = 1, .version = "2.0"},
          Started{.pid = 4294967295U},
          StartFailed{.error_number = 2, .text = "exec: \"foo\": executable file not found in $PATH"},
          Exited{.code = -1, .log_events = std::nullopt},
          Exited{.code = 137, .log_events = 1ULL << 40},
          Ack{.report = FrameType::start_failed},
          Go{},
          Open{.session = 1, .kind = SessionKind::attach, .parameters = "\x07"},
          Open{.session = 2, .kind = static_cast<SessionKind>(200), .parameters = ""},
          Opened{.session = 9, .parameters = std::string_view("\0\1", 2)},
          Data{.session = 3, .stream = Stream::standard_error, .bytes = std::string_view("a\0b", 3)},
          EndOfStream{.session = 3, .stream = Stream::standard_out},
          Credit{.session = 3, .stream = Stream::standard_in, .bytes = 65536},
          Close{.session = 3, .result = -5},
          SessionError{.session = 3, .error_number = 3, .text = "no such process"}};
}

// Two encodings are equal exactly when the frames are, so they stand for comparing every field.
TEST(Frame, RoundTripKeepsEveryField) {
  for (const Frame& frame : samples()) {
    const std::string wire = encoded(frame);
    const auto back = decode(wire);
    ASSERT_TRUE(back) << frame.index();
    EXPECT_EQ(back->index(), frame.index());
    EXPECT_EQ(encoded(*back), wire) << frame.index();
  }
}

TEST(Frame, FieldsSurviveTheWire) {
  const std::string hello = encoded(samples()[0]);
  const auto decoded = std::get<Hello>(*decode(hello));
  EXPECT_EQ(decoded.protocol, kProtocolVersion);
  EXPECT_EQ(decoded.version, "1.2");
  EXPECT_EQ(decoded.container_id, "c");
  EXPECT_EQ(decoded.launch_id, "l");
  EXPECT_EQ(decoded.architecture, "amd64");
  EXPECT_EQ(decoded.state, CommandState::running);
  EXPECT_EQ(decoded.pid, 77U);

  const std::string exited = encoded(Exited{.code = -1, .log_events = 12});
  EXPECT_EQ(std::get<Exited>(*decode(exited)).code, -1);
  EXPECT_EQ(std::get<Exited>(*decode(exited)).log_events, 12U);
}

// A cut inside raw trailing bytes yields a shorter frame that is still sound; a cut anywhere else
// must be refused.
TEST(Frame, TruncatedFixedFieldsAreRefused) {
  for (const Frame& frame : samples()) {
    const std::string wire = encoded(frame);
    const bool has_raw_tail = std::holds_alternative<Open>(frame) || std::holds_alternative<Opened>(frame) ||
                              std::holds_alternative<Data>(frame);
    for (std::size_t size = 0; size < wire.size(); ++size) {
      const auto cut = decode(std::string_view(wire).substr(0, size));
      if (!has_raw_tail) {
        EXPECT_FALSE(cut) << frame.index() << " at " << size;
      }
    }
  }
}

TEST(Frame, BytesOfALaterVersionAreIgnored) {
  const auto welcome = decode(encoded(Welcome{.protocol = 1, .version = "x"}) + "appended");
  ASSERT_TRUE(welcome);
  EXPECT_EQ(std::get<Welcome>(*welcome).protocol, 1);
}

TEST(Frame, UnknownOrUnsoundFramesAreRefused) {
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode(std::string(1, '\0')));
  EXPECT_FALSE(decode("\x08"));
  EXPECT_FALSE(decode(std::string("\x17\0\0\0\1", 5)));
  EXPECT_FALSE(decode(encoded(Close{.session = 0, .result = 0})));
  EXPECT_FALSE(decode(encoded(Data{.session = 1, .stream = static_cast<Stream>(3), .bytes = "x"})));
  EXPECT_FALSE(decode(encoded(Data{.session = 1, .stream = Stream::standard_in, .bytes = ""})));
  const std::string big(kMaxData + 1, 'x');
  EXPECT_FALSE(decode(encoded(Data{.session = 1, .stream = Stream::standard_in, .bytes = big})));
  EXPECT_FALSE(decode(encoded(Ack{.report = FrameType::go})));
  EXPECT_FALSE(decode(encoded(Hello{.protocol = 1, .oldest_protocol = 2})));
  EXPECT_FALSE(decode(encoded(Hello{.protocol = 1, .oldest_protocol = 0})));
}

TEST(Frame, LongErrorTextsAreCut) {
  const std::string text(kMaxText + 10, 'x');
  const std::string wire = encoded(SessionError{.session = 1, .error_number = 1, .text = text});
  const auto frame = decode(wire);
  ASSERT_TRUE(frame);
  EXPECT_EQ(std::get<SessionError>(*frame).text.size(), kMaxText);
}

TEST(Frame, ParametersSurviveTheWire) {
  for (int bits = 0; bits < 8; ++bits) {
    const AttachParameters attach{
        .standard_in = (bits & 1) != 0, .standard_out = (bits & 2) != 0, .standard_error = (bits & 4) != 0};
    const auto back = decode_attach(encode(attach));
    ASSERT_TRUE(back);
    EXPECT_EQ(encode(*back), encode(attach));
    EXPECT_EQ(back->standard_in, attach.standard_in);
  }
  const auto signal = decode_signal(encode(SignalParameters{.target = 5, .signal = 15}));
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->target, 5U);
  EXPECT_EQ(signal->signal, 15U);
  const auto resize = decode_resize(encode(ResizeParameters{.target = 0, .rows = 24, .columns = 80}));
  ASSERT_TRUE(resize);
  EXPECT_EQ(resize->rows, 24);
  EXPECT_EQ(resize->columns, 80);
  EXPECT_FALSE(decode_attach(""));
  EXPECT_FALSE(decode_signal("1234567"));
  EXPECT_FALSE(decode_resize("1234567"));
}

TEST(Frame, RandomBytesNeverDecodeToWhatCannotBeEncoded) {
  std::mt19937 random(3);
  for (int round = 0; round < 200000; ++round) {
    std::string garbage(random() % 48, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random() % 2 == 0 ? random() % 24 : random());
    const auto frame = decode(garbage);
    if (!frame) continue;
    const std::string wire = encoded(*frame);
    const auto again = decode(wire);
    ASSERT_TRUE(again);
    ASSERT_EQ(encoded(*again), wire);
  }
}

}  // namespace
}  // namespace sockerless::agent
