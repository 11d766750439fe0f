#include "base/websocket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace sockerless::websocket {
namespace {

constexpr std::size_t kLimit = 1 << 20;

struct Seen {
  Opcode opcode;
  std::string payload;
  bool operator==(const Seen& other) const { return opcode == other.opcode && payload == other.payload; }
};

std::vector<Seen> drain(Decoder& decoder) {
  std::vector<Seen> seen;
  while (const auto event = decoder.next()) seen.push_back({event->opcode, std::string(event->payload)});
  return seen;
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

Role other(Role role) { return role == Role::client ? Role::server : Role::client; }

class WebSocketRoundTrip : public testing::TestWithParam<Role> {};

TEST_P(WebSocketRoundTrip, KeepsPayloadsOfEverySize) {
  Encoder encoder(GetParam(), 42);
  Decoder decoder(other(GetParam()), kLimit);
  for (const std::size_t size : {0U, 1U, 7U, 8U, 125U, 126U, 127U, 65535U, 65536U, 1048576U}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 31 + size);
    std::string wire;
    encoder.append(wire, Opcode::binary, payload.substr(0, size / 3), payload.substr(size / 3));
    decoder.feed(wire);
    ASSERT_EQ(drain(decoder), (std::vector<Seen>{{Opcode::binary, payload}})) << size;
  }
}

TEST_P(WebSocketRoundTrip, SplitAtEveryByteYieldsTheSame) {
  Encoder encoder(GetParam(), 7);
  std::string wire;
  encoder.append(wire, Opcode::binary, "hello");
  encoder.append(wire, Opcode::ping, "p");
  encoder.append(wire, Opcode::binary, std::string(300, 'x'));
  encoder.append(wire, Opcode::close, bytes({0x03, 0xe8}));
  const std::vector<Seen> expected{{Opcode::binary, "hello"},
                                   {Opcode::ping, "p"},
                                   {Opcode::binary, std::string(300, 'x')},
                                   {Opcode::close, bytes({0x03, 0xe8})}};
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Decoder decoder(other(GetParam()), kLimit);
    decoder.feed(std::string_view(wire).substr(0, cut));
    std::vector<Seen> seen = drain(decoder);
    decoder.feed(std::string_view(wire).substr(cut));
    for (Seen& event : drain(decoder)) seen.push_back(std::move(event));
    ASSERT_EQ(seen, expected) << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(BothRoles, WebSocketRoundTrip, testing::Values(Role::client, Role::server));

// The examples of RFC 6455 section 5.7.
TEST(Decoder, ReadsTheStandardsExamples) {
  Decoder client(Role::client, kLimit);
  client.feed(bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
  client.feed(bytes({0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f}));
  client.feed(bytes({0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
  EXPECT_EQ(drain(client),
            (std::vector<Seen>{{Opcode::text, "Hello"}, {Opcode::text, "Hello"}, {Opcode::ping, "Hello"}}));

  Decoder server(Role::server, kLimit);
  server.feed(bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
  EXPECT_EQ(drain(server), (std::vector<Seen>{{Opcode::text, "Hello"}}));
}

TEST(Decoder, DeliversControlFramesBetweenFragments) {
  Decoder decoder(Role::client, kLimit);
  decoder.feed(bytes({0x02, 0x01, 'a', 0x89, 0x00, 0x00, 0x01, 'b', 0x80, 0x01, 'c'}));
  EXPECT_EQ(drain(decoder), (std::vector<Seen>{{Opcode::ping, ""}, {Opcode::binary, "abc"}}));
}

TEST(Decoder, RefusesWhatTheStandardForbids) {
  const std::vector<std::pair<const char*, std::string>> cases{
      {"reserved bit", bytes({0xc2, 0x00})},
      {"reserved opcode", bytes({0x83, 0x00})},
      {"reserved control opcode", bytes({0x8b, 0x00})},
      {"masked by a server", bytes({0x82, 0x80, 0, 0, 0, 0})},
      {"fragmented ping", bytes({0x09, 0x00})},
      {"long ping", bytes({0x89, 126, 0, 126})},
      {"continuation of nothing", bytes({0x80, 0x00})},
      {"new message inside another", bytes({0x02, 0x00, 0x82, 0x00})},
      {"long form of a short length", bytes({0x82, 126, 0, 125})},
      {"64-bit form of a 16-bit length", bytes({0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff})},
      {"close with one byte", bytes({0x88, 0x01, 0x03})},
      {"close with a code that never travels", bytes({0x88, 0x02, 0x03, 0xed})},
  };
  for (const auto& [name, wire] : cases) {
    Decoder decoder(Role::client, kLimit);
    decoder.feed(wire);
    EXPECT_TRUE(drain(decoder).empty()) << name;
    EXPECT_TRUE(decoder.failed()) << name;
    EXPECT_EQ(decoder.close_code(), CloseCode::protocol_error) << name;
    decoder.feed(bytes({0x82, 0x00}));
    EXPECT_TRUE(drain(decoder).empty()) << name;
  }
}

TEST(Decoder, ServerRefusesUnmaskedFrames) {
  Decoder decoder(Role::server, kLimit);
  decoder.feed(bytes({0x82, 0x01, 'a'}));
  EXPECT_FALSE(decoder.next());
  EXPECT_TRUE(decoder.failed());
}

TEST(Decoder, RefusesBigMessagesBeforeTheyArrive) {
  Decoder whole(Role::client, 1000);
  whole.feed(bytes({0x82, 126, 0x03, 0xe9}));
  EXPECT_FALSE(whole.next());
  EXPECT_EQ(whole.close_code(), CloseCode::too_big);

  Decoder pieces(Role::client, 3);
  pieces.feed(bytes({0x02, 0x02, 'a', 'b', 0x80, 0x02}));
  EXPECT_FALSE(pieces.next());
  EXPECT_EQ(pieces.close_code(), CloseCode::too_big);

  Decoder absurd(Role::client, kLimit);
  absurd.feed(bytes({0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_FALSE(absurd.next());
  EXPECT_EQ(absurd.close_code(), CloseCode::too_big);
}

TEST(Decoder, TakesInPlaceWhatArrivesInPiecesOfAnySize) {
  Encoder encoder(Role::server, 3);
  std::vector<Seen> expected;
  std::string wire;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t size = i % 10 == 9 ? kLimit : i * 997;
    expected.push_back({Opcode::binary, std::string(size, static_cast<char>('a' + i % 26))});
    encoder.append(wire, Opcode::binary, expected.back().payload);
  }
  std::mt19937 random(5);
  Decoder decoder(Role::client, kLimit);
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < wire.size();) {
    const std::size_t room = 1 + random() % 70'000;
    const std::size_t size = std::min(room, wire.size() - at);
    std::copy_n(wire.data() + at, size, decoder.prepare(room));
    decoder.commit(size);
    at += size;
    for (Seen& one : drain(decoder)) seen.push_back(std::move(one));
  }
  EXPECT_TRUE(seen == expected);
}

TEST(Decoder, SurvivesRandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    Decoder decoder(round % 2 == 0 ? Role::client : Role::server, 4096);
    for (int piece = 0; piece < 4; ++piece) {
      std::string garbage(random() % 40, '\0');
      for (char& byte : garbage) byte = static_cast<char>(random() % 3 == 0 ? random() % 2 + 0x81 : random());
      decoder.feed(garbage);
      drain(decoder);
    }
  }
}

}  // namespace
}  // namespace sockerless::websocket
