#include "core/host_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "core/binds.h"
#include "tests/support/run.h"

namespace sockerless::core {
namespace {

class HostFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) {
    const std::string path = folder_.path() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
    return path;
  }

  std::string whole_tar(std::vector<HostFile> files) {
    HostFilesSource source(workers_, std::move(files));
    std::string tar;
    while (auto piece = test::run(loop_, source.read())) tar += *piece;
    return tar;
  }

  // The members with their contents.
  static std::map<std::string, std::string> unpacked(const std::string& tar) {
    std::map<std::string, std::string> members;
    TarReader reader;
    reader.feed(tar);
    for (;;) {
      switch (reader.next()) {
        case TarReader::Event::entry: members[reader.entry().name]; break;
        case TarReader::Event::data: members[reader.entry().name] += reader.data(); break;
        case TarReader::Event::need_input: reader.finish(); break;
        case TarReader::Event::failed: ADD_FAILURE() << reader.error(); return members;
        case TarReader::Event::end: return members;
        case TarReader::Event::hole:
        case TarReader::Event::entry_end: break;
      }
    }
  }

  static std::string refusal(const std::function<void()>& action) {
    try {
      action();
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
      return error.what();
    }
  }

  TemporaryFolder folder_{"sockerless-host-files-"};
  asio::io_context loop_;
  WorkerPool workers_{1};
};

TEST_F(HostFiles, AFolderIsPackedWithAllThatIsInIt) {
  const std::string large(700'001, 'l');
  write("a/deep/file", "content");
  write("large", large);
  write("empty", "");
  std::filesystem::create_symlink("a/deep", folder_.path() + "/link");
  const auto members = unpacked(whole_tar(list_host_files(folder_.path(), "unused", 1024 * 1024)));
  EXPECT_EQ(members.size(), 7u);
  EXPECT_EQ(members.at("./a/deep/file"), "content");
  EXPECT_EQ(members.at("./large"), large);
  EXPECT_EQ(members.at("./empty"), "");
  EXPECT_TRUE(members.contains("./"));
  EXPECT_TRUE(members.contains("./link"));
}

TEST_F(HostFiles, AFileGetsItsNameInTheContainer) {
  const std::string path = write("settings.json", "{}");
  const std::string link = folder_.path() + "/link";
  std::filesystem::create_symlink(path, link);
  for (const std::string& source : {path, link}) {
    EXPECT_EQ(unpacked(whole_tar(list_host_files(source, "app.json", 100))),
              (std::map<std::string, std::string>{{"app.json", "{}"}}));
  }
}

TEST_F(HostFiles, ModesOwnersAndLinksAreKept) {
  const std::string path = write("tool", "#!");
  ::chmod(path.c_str(), 04751);
  std::filesystem::create_symlink("/nowhere", folder_.path() + "/link");
  for (const HostFile& file : list_host_files(folder_.path(), "", 100)) {
    if (file.entry.name == "./tool") {
      EXPECT_EQ(file.entry.mode, 04751u);
      EXPECT_EQ(file.entry.uid, ::getuid());
    } else if (file.entry.name == "./link") {
      EXPECT_EQ(file.entry.type, TarType::symlink);
      EXPECT_EQ(file.entry.link_name, "/nowhere");
    } else {
      EXPECT_EQ(file.entry.name, "./");
    }
  }
}

TEST_F(HostFiles, WhatIsNeitherFileNorFolderNorLinkIsLeftOut) {
  ASSERT_EQ(::mkfifo((folder_.path() + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(list_host_files(folder_.path(), "", 100).size(), 1u);
}

TEST_F(HostFiles, MoreThanTheLimitIsRefusedWithTheRemedy) {
  write("large", std::string(3 * 1024 * 1024, 'x'));
  EXPECT_EQ(refusal([&] { list_host_files(folder_.path(), "", 2 * 1024 * 1024); }),
            folder_.path() +
                " has more than the 2 MiB that are left for the container: bind a smaller folder, or raise "
                "--staging-limit");
}

TEST_F(HostFiles, AFileThatIsNotThereIsRefused) {
  EXPECT_EQ(refusal([&] { list_host_files(folder_.path() + "/gone", "x", 100); }),
            "cannot read " + folder_.path() + "/gone: No such file or directory");
}

TEST_F(HostFiles, AFileThatShrinksIsNoticed) {
  const std::string path = write("log", "many bytes");
  auto files = list_host_files(path, "log", 100);
  std::ofstream(path) << "few";
  EXPECT_EQ(refusal([&] { whole_tar(std::move(files)); }), path + " became shorter while it was copied");
}

TEST_F(HostFiles, ABindBecomesWhatThePolicySays) {
  const std::string file = write("file", "x");
  const auto taken = [](const std::string& source, BindPolicy policy) {
    MountPoint mount{.type = "bind", .source = source, .destination = "/there", .copied = true, .is_file = true};
    check_bind(mount, policy);
    const std::string warning = take_bind(mount, policy);
    EXPECT_FALSE(warning.empty());
    return std::pair(mount.copied, mount.is_file);
  };
  EXPECT_EQ(taken(file, BindPolicy::empty), std::pair(false, false));
  EXPECT_EQ(taken(file, BindPolicy::copy), std::pair(true, true));
  EXPECT_EQ(taken(folder_.path(), BindPolicy::copy), std::pair(true, false));
  EXPECT_EQ(taken("/no/such", BindPolicy::copy), std::pair(false, false));
  EXPECT_NE(refusal([&] { taken(file, BindPolicy::refuse); }).find("SOCKERLESS_BINDS=copy"), std::string::npos);
  EXPECT_NE(refusal([&] { taken("/dev/null", BindPolicy::copy); }).find("neither a file nor a folder"),
            std::string::npos);
}

}  // namespace
}  // namespace sockerless::core
