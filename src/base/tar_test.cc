#include "base/tar.h"

#include <gtest/gtest.h>

#include <map>

namespace sockerless::test {
namespace {

struct Member {
  TarEntry entry;
  std::string content;
};

struct Reading {
  std::vector<Member> members;
  std::string error;

  const Member& only() const { return members.at(0); }
};

// Feeds pieces of the given size.
Reading read(std::string_view tar, std::size_t piece = 64 * 1024) {
  TarReader reader;
  Reading reading;
  for (;;) {
    switch (reader.next()) {
      case TarReader::Event::need_input:
        if (tar.empty()) reader.finish();
        reader.feed(tar.substr(0, piece));
        tar.remove_prefix(std::min(piece, tar.size()));
        break;
      case TarReader::Event::entry: reading.members.push_back({reader.entry(), ""}); break;
      case TarReader::Event::data: reading.members.back().content += reader.data(); break;
      case TarReader::Event::hole:
        reading.members.back().content.append(static_cast<std::size_t>(reader.hole()), '\0');
        break;
      case TarReader::Event::entry_end: break;
      case TarReader::Event::end: return reading;
      case TarReader::Event::failed: reading.error = reader.error(); return reading;
    }
  }
}

std::string header(const TarEntry& entry) {
  std::string out;
  append_tar_header(out, entry);
  return out;
}

std::string member(TarEntry entry, const std::string& content) {
  entry.size = static_cast<std::int64_t>(content.size());
  return header(entry) + content + std::string(tar_padding(entry.size), '\0');
}

std::string ended(const std::string& tar) { return tar + std::string(kTarEnd, '\0'); }

// Puts bytes into the first header and makes its checksum right again.
std::string patched(std::string tar, std::size_t offset, std::string_view bytes) {
  tar.replace(offset, bytes.size(), bytes);
  std::uint32_t sum = 8 * ' ';
  for (std::size_t i = 0; i < kTarBlock; ++i) sum += i >= 148 && i < 156 ? 0 : static_cast<unsigned char>(tar[i]);
  char text[8] = {};
  snprintf(text, sizeof text, "%06o", sum);
  return tar.replace(148, 7, text, 7);
}

std::string pax(const std::string& records) {
  TarEntry entry{.name = "pax"};
  std::string block = member(entry, records);
  return patched(block, 156, "x");
}

// Of one digit or two in its length, as all records here are.
std::string record(const std::string& text) {
  const std::size_t size = text.size() + 3;
  return std::to_string(size < 10 ? size : size + 1) + " " + text + "\n";
}

TEST(TarTest, WhatIsWrittenIsReadInPiecesOfAnySize) {
  const TarEntry entry{.name = "etc/motd", .mode = 04755, .uid = 1000, .gid = 7, .modified = 1'700'000'000'000'000'000};
  const std::string content(1300, 'x');
  const std::string tar = ended(member(entry, content) + header({.name = "etc/", .type = TarType::directory}));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{511}, std::size_t{4096}}) {
    const Reading reading = read(tar, piece);
    ASSERT_EQ(reading.error, "");
    ASSERT_EQ(reading.members.size(), 2u);
    EXPECT_EQ(reading.members[0].entry.name, "etc/motd");
    EXPECT_EQ(reading.members[0].entry.mode, 04755u);
    EXPECT_EQ(reading.members[0].entry.uid, 1000u);
    EXPECT_EQ(reading.members[0].entry.modified, entry.modified);
    EXPECT_EQ(reading.members[0].content, content);
    EXPECT_EQ(reading.members[1].entry.type, TarType::directory);
  }
}

TEST(TarTest, WhatABlockCannotHoldGoesIntoPaxRecords) {
  const TarEntry entry{.name = std::string(300, 'n') + "/ü",
                       .link_name = std::string(200, 'l'),
                       .type = TarType::symlink,
                       .uid = 4'000'000'000,
                       .xattrs = {{"user.x", std::string("a\0b", 3)}}};
  const Reading reading = read(ended(header(entry)));
  ASSERT_EQ(reading.error, "");
  EXPECT_EQ(reading.only().entry.name, entry.name);
  EXPECT_EQ(reading.only().entry.link_name, entry.link_name);
  EXPECT_EQ(reading.only().entry.uid, entry.uid);
  EXPECT_EQ(reading.only().entry.xattrs, entry.xattrs);
}

TEST(TarTest, ContentBeyondEightGibibytesKeepsItsSize) {
  const TarEntry entry{.name = "large", .size = INT64_C(10) << 30};
  TarReader reader;
  const std::string head = header(entry);
  reader.feed(head);
  ASSERT_EQ(reader.next(), TarReader::Event::entry);
  EXPECT_EQ(reader.entry().size, entry.size);
  ASSERT_EQ(reader.next(), TarReader::Event::need_input);
  EXPECT_EQ(reader.skippable(), entry.size);
  reader.skipped(entry.size);
  EXPECT_EQ(reader.next(), TarReader::Event::entry_end);
}

TEST(TarTest, EndOfInputInsideAMemberIsUnexpected) {
  const std::string tar = member({.name = "f"}, std::string(1000, 'x'));
  EXPECT_EQ(read(tar.substr(0, 100)).error, "unexpected EOF");
  EXPECT_EQ(read(tar.substr(0, 700)).error, "unexpected EOF");
  EXPECT_EQ(read(tar.substr(0, tar.size() - 1)).error, "unexpected EOF");
  EXPECT_EQ(read(tar).error, "");
}

TEST(TarTest, WrongChecksumIsAnInvalidHeader) {
  std::string tar = ended(member({.name = "f"}, "x"));
  tar[0] = 'g';
  EXPECT_EQ(read(tar).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(std::string(kTarBlock, 'j')).error, "archive/tar: invalid tar header");
}

TEST(TarTest, NegativeAndOverflowingSizesAreInvalid) {
  const std::string tar = ended(member({.name = "f"}, ""));
  const std::string minus_one = std::string(12, '\xff');
  EXPECT_EQ(read(patched(tar, 124, minus_one)).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(patched(tar, 124, "\x80" + std::string(11, '\x7f'))).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(patched(tar, 124, "00000000009")).error, "archive/tar: invalid tar header");
}

TEST(TarTest, PaxRecordsWhoseLengthLiesAreInvalid) {
  const std::string file = ended(member({.name = "f"}, ""));
  for (const char* records : {"8 path=x\n", "999 path=xy\n", "5 =x\n", "0 path=x\n", "x path=x\n", "11 path=xyz "}) {
    EXPECT_EQ(read(pax(records) + file).error, "archive/tar: invalid tar header") << records;
  }
}

TEST(TarTest, ExtensionsBeyondAMebibyteAreRefused) {
  std::string tar = patched(header({.name = "pax", .size = 2 << 20}), 156, "x");
  EXPECT_EQ(read(tar).error, "archive/tar: header field too long");
}

TEST(TarTest, GnuLongNamesAreRead) {
  const std::string name(250, 'n');
  const std::string tar =
      patched(member({.name = "././@LongLink"}, name + '\0'), 156, "L") + ended(member({.name = "short"}, "x"));
  EXPECT_EQ(read(tar).only().entry.name, name);
}

TEST(TarTest, SparseFilesOfPaxHaveTheirHoles) {
  const std::string map = std::string("2\n0\n3\n10\n2\n");
  std::string content = map + std::string(kTarBlock - map.size(), '\0') + "abcde";
  const std::string records = record("GNU.sparse.major=1") + record("GNU.sparse.minor=0") +
                              record("GNU.sparse.name=real/name") + record("GNU.sparse.realsize=15");
  const Reading reading = read(ended(pax(records) + member({.name = "GNUSparseFile.0/name"}, content)), 7);
  ASSERT_EQ(reading.error, "");
  EXPECT_EQ(reading.only().entry.name, "real/name");
  EXPECT_EQ(reading.only().entry.size, 15);
  EXPECT_EQ(reading.only().content, std::string("abc\0\0\0\0\0\0\0de\0\0\0", 15));
}

TEST(TarTest, SparseSegmentsThatDoNotFitAreInvalid) {
  const std::string file = ended(member({.name = "f"}, "abc"));
  const std::string size = record("GNU.sparse.size=100");
  ASSERT_EQ(read(pax(size + record("GNU.sparse.map=0,1,9,9")) + file).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(pax(size + record("GNU.sparse.map=0,1,99,2")) + file).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(pax(size + record("GNU.sparse.map=5,1,0,2")) + file).error, "archive/tar: invalid tar header");
}

TEST(TarTest, ASparseFilesSizeWithoutAMapIsInvalid) {
  const std::string file = ended(member({.name = "f"}, "abc"));
  EXPECT_EQ(read(pax(record("GNU.sparse.realsize=100")) + file).error, "archive/tar: invalid tar header");
  EXPECT_EQ(read(pax(record("GNU.sparse.map=0,3")) + file).error, "archive/tar: invalid tar header");
}

TEST(TarTest, LinksAndFoldersHaveNoContentWhateverTheirSizeSays) {
  const std::string link =
      patched(header({.name = "l", .link_name = "f", .type = TarType::hard_link, .size = 5000}), 156, "1");
  const Reading reading = read(ended(link + member({.name = "f"}, "x")));
  ASSERT_EQ(reading.error, "");
  EXPECT_EQ(reading.members.size(), 2u);
}

}  // namespace
}  // namespace sockerless::test
