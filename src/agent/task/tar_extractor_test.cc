#include "agent/task/tar_extractor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sockerless::agent {
namespace {

namespace fs = std::filesystem;

// A container's root in a temporary folder, with the folder "in" that is unpacked in, and beside it
// what no tar may reach.
class TarExtractorTest : public testing::Test {
 protected:
  TarExtractorTest() {
    char path[] = "/tmp/sockerless-extract-XXXXXX";
    base_ = mkdtemp(path);
    fs::create_directories(base_ / "root/in");
    write(base_ / "outside", "outside");
  }
  ~TarExtractorTest() override { fs::remove_all(base_); }

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  fs::path in(const std::string& name) const { return base_ / "root/in" / name; }

  // Unpacks the members one after another; true if all are there.
  bool extract(const std::vector<std::pair<TarEntry, std::string>>& members, bool no_overwrite = false) {
    const RootFolder root((base_ / "root").string());
    TarExtractor extractor(root, {.folder = "/in", .no_overwrite_dir_non_dir = no_overwrite});
    bool is_done = true;
    for (const auto& [entry, content] : members) {
      is_done = is_done && extractor.begin(entry) && (content.empty() || extractor.data(content)) && extractor.end();
    }
    is_done = is_done && extractor.finish();
    failure_ = extractor.failure();
    return is_done;
  }
  static TarEntry entry(const std::string& name, TarType type = TarType::file, const std::string& link = "") {
    return {.name = name, .link_name = link, .type = type, .mode = 0755, .uid = geteuid(), .gid = getegid()};
  }

  fs::path base_;
  ExtractFailure failure_;
};

TEST_F(TarExtractorTest, MembersHaveTheirContentModeAndTime) {
  TarEntry file = entry("a/b/file");
  file.mode = 04711;
  file.modified = 1'600'000'000'000'000'000;
  ASSERT_TRUE(extract({{file, "text"}})) << failure_.text;
  struct stat status {};
  ASSERT_EQ(stat(in("a/b/file").c_str(), &status), 0);
  EXPECT_EQ(read(in("a/b/file")), "text");
  EXPECT_EQ(status.st_mode & 07777, 04711u);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'600'000'000);
}

TEST_F(TarExtractorTest, NamesThatLeadOutAreRefused) {
  EXPECT_FALSE(extract({{entry("../outside"), "x"}}));
  EXPECT_EQ(failure_.text, "\"../outside\" is outside of \"/in\"");
  EXPECT_FALSE(extract({{entry("a/../../../outside"), "x"}}));
  EXPECT_EQ(read(base_ / "outside"), "outside");
}

TEST_F(TarExtractorTest, AbsoluteNamesBeginInTheFolder) {
  ASSERT_TRUE(extract({{entry("/etc/motd"), "x"}})) << failure_.text;
  EXPECT_EQ(read(in("etc/motd")), "x");
}

TEST_F(TarExtractorTest, SymbolicLinksThatLeadOutOfTheFolderAreRefused) {
  EXPECT_FALSE(extract({{entry("link", TarType::symlink, "../../outside"), ""}}));
  EXPECT_EQ(failure_.text, "invalid symlink \"/in/link\" -> \"../../outside\"");
}

TEST_F(TarExtractorTest, WhatIsWrittenThroughASymbolicLinkStaysInTheRoot) {
  fs::create_symlink("/", in("slash"));
  fs::create_symlink("../../..", in("up"));
  ASSERT_TRUE(extract({{entry("slash/by-slash"), "x"}, {entry("up/by-up"), "y"}})) << failure_.text;
  EXPECT_EQ(read(base_ / "root/by-slash"), "x");
  EXPECT_EQ(read(base_ / "root/by-up"), "y");
  EXPECT_FALSE(fs::exists(base_ / "by-up"));
}

TEST_F(TarExtractorTest, AFileIsNotWrittenThroughALinkOfItsName) {
  fs::create_symlink("../../outside", in("file"));
  ASSERT_TRUE(extract({{entry("file"), "x"}})) << failure_.text;
  EXPECT_EQ(read(in("file")), "x");
  EXPECT_FALSE(fs::is_symlink(in("file")));
  EXPECT_EQ(read(base_ / "outside"), "outside");
}

TEST_F(TarExtractorTest, HardLinksStayInTheFolder) {
  ASSERT_TRUE(extract({{entry("one"), "x"}, {entry("two", TarType::hard_link, "one"), ""}})) << failure_.text;
  EXPECT_EQ(fs::hard_link_count(in("two")), 2u);
  EXPECT_FALSE(extract({{entry("three", TarType::hard_link, "../../outside"), ""}}));
  EXPECT_NE(failure_.text.find("invalid hardlink"), std::string::npos);
}

TEST_F(TarExtractorTest, DeviceNodesAreRefusedByName) {
  EXPECT_FALSE(extract({{entry("dev/sda", TarType::block_device), ""}}));
  EXPECT_EQ(failure_.error_number, EINVAL);
  EXPECT_EQ(failure_.text, "mknod /in/dev/sda: device nodes cannot be made in a Fargate task; leave it out of the tar");
}

TEST_F(TarExtractorTest, FoldersAndFilesReplaceEachOtherUnlessTheyMayNot) {
  fs::create_directories(in("folder/full"));
  write(in("file"), "old");
  EXPECT_FALSE(extract({{entry("folder"), "x"}}, true));
  EXPECT_EQ(failure_.text, "cannot overwrite directory \"/in/folder\" with non-directory \"/in\"");
  EXPECT_FALSE(extract({{entry("file", TarType::directory), ""}}, true));
  EXPECT_EQ(failure_.text, "cannot overwrite non-directory \"/in/file\" with directory \"/in\"");
  ASSERT_TRUE(extract({{entry("folder"), "x"}, {entry("file", TarType::directory), ""}})) << failure_.text;
  EXPECT_EQ(read(in("folder")), "x");
  EXPECT_TRUE(fs::is_directory(in("file")));
}

TEST_F(TarExtractorTest, AFolderThatIsThereKeepsWhatIsInIt) {
  fs::create_directories(in("folder"));
  write(in("folder/old"), "old");
  TarEntry folder = entry("folder", TarType::directory);
  folder.modified = 1'600'000'000'000'000'000;
  ASSERT_TRUE(extract({{folder, ""}, {entry("folder/new"), "new"}})) << failure_.text;
  EXPECT_EQ(read(in("folder/old")), "old");
  struct stat status {};
  stat(in("folder").c_str(), &status);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'600'000'000);
}

TEST_F(TarExtractorTest, ZerosTakeNoRoom) {
  std::string content(4 * 1024 * 1024, '\0');
  content[content.size() / 2] = 'x';
  ASSERT_TRUE(extract({{entry("sparse"), content}})) << failure_.text;
  struct stat status {};
  stat(in("sparse").c_str(), &status);
  EXPECT_EQ(read(in("sparse")), content);
  EXPECT_LT(status.st_blocks * 512, 100 * 1024);
}

TEST_F(TarExtractorTest, AMemberThatIsCutOffIsRemoved) {
  const RootFolder root((base_ / "root").string());
  {
    TarExtractor extractor(root, {.folder = "/in"});
    ASSERT_TRUE(extractor.begin(entry("partial")));
    ASSERT_TRUE(extractor.data("some of it"));
    EXPECT_TRUE(fs::exists(in("partial")));
  }
  EXPECT_FALSE(fs::exists(in("partial")));
}

TEST(CleanPathTest, IsAsGoHasIt) {
  EXPECT_EQ(clean_path(""), ".");
  EXPECT_EQ(clean_path("/../a//b/./c/.."), "/a/b");
  EXPECT_EQ(clean_path("a/../../b"), "../b");
  EXPECT_EQ(clean_path("./a/"), "a");
}

}  // namespace
}  // namespace sockerless::agent
