#include "agent/task/file_changes.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sockerless::agent {
namespace {

namespace fs = std::filesystem;

class FileChangesTest : public testing::Test {
 protected:
  FileChangesTest() {
    char path[] = "/tmp/sockerless-changes-XXXXXX";
    root_ = mkdtemp(path);
  }
  ~FileChangesTest() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }

  void record() {
    const int fd = memfd_create("record", 0);
    ASSERT_EQ(record_files(RootFolder(root_.string()), mounts_, fd), 0);
    record_.resize(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)));
    ASSERT_EQ(pread(fd, record_.data(), record_.size(), 0), static_cast<ssize_t>(record_.size()));
    close(fd);
  }

  // "A /path" for each change.
  std::vector<std::string> changes() const {
    const FileRecord before(record_);
    EXPECT_TRUE(before.is_valid());
    std::vector<std::string> told;
    find_changes(RootFolder(root_.string()), mounts_, before, [&](const FileChange& change) {
      told.push_back(std::string(1, "CAD"[static_cast<int>(change.kind)]) + " " + change.path);
      return true;
    });
    return told;
  }

  std::uint64_t size() const { return changed_size(RootFolder(root_.string()), mounts_, FileRecord(record_)); }

  fs::path root_;
  Mounts mounts_{"1 1 0:1 / /mounted rw - ext4 x rw\n"};
  std::string record_;
};

using Told = std::vector<std::string>;

TEST_F(FileChangesTest, NothingIsToldOfWhatHasNotChanged) {
  fs::create_directories(root_ / "etc/conf");
  write("etc/passwd", "x");
  record();
  EXPECT_EQ(changes(), Told());
}

TEST_F(FileChangesTest, AddedChangedAndDeletedFilesAreToldWithTheirFolders) {
  fs::create_directories(root_ / "a/deep");
  fs::create_directories(root_ / "b/sub");
  write("a/deep/file", "old");
  write("b/sub/gone", "x");
  write("b/same", "x");
  record();
  write("a/deep/file", "new and longer");
  fs::remove_all(root_ / "b/sub");
  fs::create_directories(root_ / "c/new");
  write("c/new/file", "x");
  EXPECT_EQ(changes(),
            (Told{"C /a", "C /a/deep", "C /a/deep/file", "C /b", "D /b/sub", "A /c", "A /c/new", "A /c/new/file"}));
}

TEST_F(FileChangesTest, TheSizeIsThatOfAddedAndChangedFiles) {
  fs::create_directories(root_ / "folder");
  write("folder/same", "of the image");
  write("folder/gone", "of the image");
  write("changed", "12345");
  write("mode", "123");
  record();
  EXPECT_EQ(size(), 0u);
  write("changed", "1234567");
  fs::permissions(root_ / "mode", fs::perms::owner_read);
  fs::remove(root_ / "folder/gone");
  fs::create_directories(root_ / "new");
  write("new/file", "12");
  fs::create_hard_link(root_ / "new/file", root_ / "folder/other");
  fs::create_symlink("four", root_ / "link");
  EXPECT_EQ(size(), 7u + 3u + 2u + 4u);
}

TEST_F(FileChangesTest, ANewModeIsAChange) {
  write("file", "x");
  record();
  fs::permissions(root_ / "file", fs::perms::owner_read);
  EXPECT_EQ(changes(), Told{"C /file"});
}

TEST_F(FileChangesTest, WhatIsMountedAndTheAgentsFolderAreLeftOut) {
  for (const char* folder : {"proc", "mounted", "sockerless"}) fs::create_directories(root_ / folder);
  record();
  for (const char* folder : {"proc", "mounted", "sockerless"}) write(std::string(folder) + "/new", "x");
  EXPECT_EQ(changes(), Told());
}

TEST_F(FileChangesTest, ARecordThatIsCutOffIsInvalid) {
  write("file", "x");
  record();
  EXPECT_FALSE(FileRecord(std::string_view(record_).substr(0, record_.size() - 2)).is_valid());
  EXPECT_FALSE(FileRecord("").is_valid());
}

TEST(MountsTest, PointsAreReadWithTheirBlanks) {
  const Mounts mounts("22 1 0:20 / / rw - overlay o rw\n23 22 0:21 / /with\\040blank rw - tmpfs t rw\n");
  EXPECT_TRUE(mounts.is_mount("/with blank"));
  EXPECT_FALSE(mounts.is_mount("/"));
  EXPECT_TRUE(mounts.is_foreign("/sockerless/bin"));
  EXPECT_FALSE(mounts.is_foreign("/sockerless-data"));
}

}  // namespace
}  // namespace sockerless::agent
