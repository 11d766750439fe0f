#include "agent/protocol/channel.h"

#include <gtest/gtest.h>

#include <random>

namespace sockerless::agent {
namespace {

void move_bytes(Channel& from, Channel& to) {
  const std::string wire(from.outgoing());
  from.consume(wire.size());
  to.receive(wire);
}

struct Pair {
  Channel agent{Role::client, 1};
  Channel daemon{Role::server, 2};
};

TEST(Channel, CarriesFramesBothWays) {
  Pair pair;
  pair.agent.send(Started{.pid = 12});
  move_bytes(pair.agent, pair.daemon);
  const auto started = pair.daemon.next();
  ASSERT_TRUE(started);
  EXPECT_EQ(std::get<Started>(*started).pid, 12U);
  EXPECT_FALSE(pair.daemon.next());

  pair.daemon.send(Go{});
  move_bytes(pair.daemon, pair.agent);
  const auto go = pair.agent.next();
  ASSERT_TRUE(go);
  EXPECT_TRUE(std::holds_alternative<Go>(*go));
}

TEST(Channel, SplitsLongDataIntoFrames) {
  Pair pair;
  const std::string bytes(3 * kMaxData + 5, 'x');
  pair.agent.send_data(4, Stream::standard_out, bytes);
  move_bytes(pair.agent, pair.daemon);
  std::size_t received = 0;
  int frames = 0;
  while (const auto frame = pair.daemon.next()) {
    received += std::get<Data>(*frame).bytes.size();
    ++frames;
  }
  EXPECT_EQ(received, bytes.size());
  EXPECT_EQ(frames, 4);
}

TEST(Channel, ASenderThatDoesNotMaskMayWriteDataFromWhereItIs) {
  Pair pair;
  const std::string bytes(kMaxData, 'x');
  pair.daemon.send(Go{});
  const auto head = pair.daemon.begin_data(4, Stream::standard_in, bytes.size());
  ASSERT_TRUE(head);
  EXPECT_TRUE(pair.daemon.outgoing().empty());
  pair.agent.receive(*head + bytes);
  const auto go = pair.agent.next();
  ASSERT_TRUE(go);
  EXPECT_TRUE(std::holds_alternative<Go>(*go));
  const auto data = pair.agent.next();
  ASSERT_TRUE(data);
  EXPECT_EQ(std::get<Data>(*data).session, 4U);
  EXPECT_TRUE(std::get<Data>(*data).bytes == bytes);
}

TEST(Channel, DataThatIsToBeMaskedOrDroppedIsNotWrittenFromWhereItIs) {
  Pair pair;
  EXPECT_FALSE(pair.agent.begin_data(4, Stream::standard_out, 10));
  pair.daemon.close(CloseCode::normal, "done");
  EXPECT_FALSE(pair.daemon.begin_data(4, Stream::standard_in, 10));
}

TEST(Channel, AnswersPingsAndGoodbyes) {
  Pair pair;
  pair.agent.ping();
  move_bytes(pair.agent, pair.daemon);
  EXPECT_FALSE(pair.daemon.next());
  EXPECT_EQ(pair.daemon.outgoing().size(), 2U);

  pair.agent.close(CloseCode::normal, "done");
  pair.agent.send(Go{});
  move_bytes(pair.agent, pair.daemon);
  EXPECT_FALSE(pair.daemon.next());
  EXPECT_TRUE(pair.daemon.is_finished());
  EXPECT_TRUE(pair.daemon.is_dismissed());
  EXPECT_EQ(pair.daemon.error(), "");
  move_bytes(pair.daemon, pair.agent);
  EXPECT_FALSE(pair.agent.next());
  EXPECT_TRUE(pair.agent.is_finished());
}

TEST(Channel, GoingAwayIsNoDismissal) {
  Pair pair;
  pair.daemon.close(CloseCode::going_away, "the daemon stops");
  move_bytes(pair.daemon, pair.agent);
  EXPECT_FALSE(pair.agent.next());
  EXPECT_TRUE(pair.agent.is_finished());
  EXPECT_FALSE(pair.agent.is_dismissed());
}

TEST(Channel, MalformedFrameEndsItWithAReason) {
  Pair pair;
  std::string wire;
  websocket::Encoder(Role::client, 9).append(wire, Opcode::binary, "\x7f");
  pair.daemon.receive(wire);
  EXPECT_FALSE(pair.daemon.next());
  EXPECT_TRUE(pair.daemon.is_finished());
  EXPECT_EQ(pair.daemon.error(), "protocol error: malformed frame");
  move_bytes(pair.daemon, pair.agent);
  EXPECT_FALSE(pair.agent.next());
  EXPECT_TRUE(pair.agent.is_finished());
}

TEST(Channel, TextMessagesAreRefused) {
  Channel daemon(Role::server, 1);
  std::string wire;
  websocket::Encoder(Role::client, 9).append(wire, Opcode::text, "{}");
  daemon.receive(wire);
  EXPECT_FALSE(daemon.next());
  EXPECT_EQ(daemon.error(), "protocol error: text message");
}

TEST(Channel, OutgoingBytesMayBeTakenInAnyPieces) {
  Pair pair;
  std::mt19937 random(11);
  std::uint32_t next_expected = 1;
  for (std::uint32_t i = 1; i <= 3000; ++i) {
    pair.agent.send(Started{.pid = i});
    const auto outgoing = pair.agent.outgoing();
    const std::string piece(outgoing.substr(0, random() % (outgoing.size() + 1)));
    pair.agent.consume(piece.size());
    pair.daemon.receive(piece);
    while (const auto frame = pair.daemon.next()) EXPECT_EQ(std::get<Started>(*frame).pid, next_expected++);
  }
  move_bytes(pair.agent, pair.daemon);
  while (const auto frame = pair.daemon.next()) EXPECT_EQ(std::get<Started>(*frame).pid, next_expected++);
  EXPECT_EQ(next_expected, 3001U);
}

}  // namespace
}  // namespace sockerless::agent
