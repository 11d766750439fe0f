#include "agent/protocol/archive.h"

#include <gtest/gtest.h>

#include <vector>

namespace sockerless::agent {
namespace {

TEST(ArchiveTest, PutParametersAreReadAsTheyWereWritten) {
  const auto decoded = decode_archive_put(encode(
      ArchivePutParameters{.path = "/tmp", .owner = "1:2", .no_overwrite_dir_non_dir = true, .make_folder = true}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->path, "/tmp");
  EXPECT_EQ(decoded->owner, "1:2");
  EXPECT_TRUE(decoded->no_overwrite_dir_non_dir);
  EXPECT_TRUE(decoded->make_folder);
}

TEST(ArchiveTest, StatIsReadAsItWasWritten) {
  const auto decoded = decode_file_stat(
      encode(FileStat{.name = "l", .size = -1, .mode = 1u << 27, .modified = -5, .link_target = "/etc/passwd"}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->name, "l");
  EXPECT_EQ(decoded->size, -1);
  EXPECT_EQ(decoded->mode, 1u << 27);
  EXPECT_EQ(decoded->modified, -5);
  EXPECT_EQ(decoded->link_target, "/etc/passwd");
}

TEST(ArchiveTest, ASizeIsReadAsItWasWritten) {
  EXPECT_EQ(decode_size(encode_size(5'000'000'000)), 5'000'000'000);
  EXPECT_FALSE(decode_size(encode_size(1).substr(1)));
}

TEST(ArchiveTest, PathsWithAZeroOrNothingInThemAreMalformed) {
  EXPECT_FALSE(decode_path(encode_path("")));
  EXPECT_FALSE(decode_path(encode_path(std::string("/etc\0/x", 7))));
  EXPECT_FALSE(decode_archive_put(encode(ArchivePutParameters{.path = ""})));
}

TEST(ArchiveTest, EveryCutOffEncodingIsMalformed) {
  const std::string put = encode(ArchivePutParameters{.path = "/tmp", .owner = "root"});
  for (std::size_t size = 0; size < put.size(); ++size) EXPECT_FALSE(decode_archive_put(put.substr(0, size)));
  const std::string stat = encode(FileStat{.name = "x", .link_target = "y"});
  for (std::size_t size = 0; size < stat.size(); ++size) EXPECT_FALSE(decode_file_stat(stat.substr(0, size)));
}

TEST(ArchiveTest, ChangesAreReadFromPiecesOfAnySize) {
  std::string text;
  append(text, {ChangeKind::added, "/a"});
  append(text, {ChangeKind::deleted, "/b/c"});
  FileChangeDecoder decoder;
  std::vector<FileChange> changes;
  for (const char byte : text) {
    decoder.feed({&byte, 1});
    while (auto change = decoder.next()) changes.push_back(*change);
  }
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, ChangeKind::added);
  EXPECT_EQ(changes[1].path, "/b/c");
  EXPECT_TRUE(decoder.is_at_end());
}

TEST(ArchiveTest, AChangeOfAnUnknownKindOrAnEndlessPathFailsTheList) {
  FileChangeDecoder unknown;
  unknown.feed(std::string("\x07\0\0\0\1x", 6));
  EXPECT_FALSE(unknown.next());
  EXPECT_TRUE(unknown.failed());
  FileChangeDecoder endless;
  endless.feed(std::string("\0\xff\xff\xff\xff", 5));
  EXPECT_FALSE(endless.next());
  EXPECT_TRUE(endless.failed());
}

}  // namespace
}  // namespace sockerless::agent
