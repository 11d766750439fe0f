#include "agent/task/lookup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace sockerless::agent {
namespace {

class Lookup : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/sockerless-lookup-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    std::filesystem::create_directories(folder_ + "/a/tool");
    std::filesystem::create_directories(folder_ + "/b");
    make_file("a/plain", 0644);
    make_file("b/plain", 0755);
    make_file("b/tool", 0755);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void make_file(const std::string& name, mode_t mode) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n";
    chmod(path.c_str(), mode);
  }

  std::string path() const { return folder_ + "/none:" + folder_ + "/a:" + folder_ + "/b"; }

  std::string folder_;
};

TEST_F(Lookup, TakesTheFirstExecutableFileOfThePath) {
  EXPECT_EQ(find_executable("plain", path()).path, folder_ + "/b/plain");
  EXPECT_EQ(find_executable("tool", path()).path, folder_ + "/b/tool");
}

TEST_F(Lookup, UnknownNameGetsDockersWords) {
  const Executable found = find_executable("nosuchcmd", path());
  EXPECT_EQ(found.error_number, ENOENT);
  EXPECT_EQ(found.error, "exec: \"nosuchcmd\": executable file not found in $PATH");
  EXPECT_EQ(exit_code_of_start_error(found.error_number), 127);
  EXPECT_EQ(find_executable("", path()).error, "exec: \"\": executable file not found in $PATH");
}

TEST_F(Lookup, UnknownFileGetsDockersWords) {
  const Executable found = find_executable("/nosuchbin", path());
  EXPECT_EQ(found.error_number, ENOENT);
  EXPECT_EQ(found.error, "exec: \"/nosuchbin\": stat /nosuchbin: no such file or directory");
}

TEST_F(Lookup, FolderAndPlainFileCannotBeExecuted) {
  const Executable folder = find_executable("/etc", path());
  EXPECT_EQ(folder.error, "exec: \"/etc\": is a directory");
  EXPECT_EQ(exit_code_of_start_error(folder.error_number), 126);
  const std::string name = folder_ + "/a/plain";
  const Executable plain = find_executable(name, path());
  EXPECT_EQ(plain.error, "exec: \"" + name + "\": permission denied");
  EXPECT_EQ(exit_code_of_start_error(plain.error_number), 126);
}

TEST_F(Lookup, QuotesAsGoDoes) {
  EXPECT_EQ(find_executable("a\"b\\c\n\x01", path()).error,
            "exec: \"a\\\"b\\\\c\\n\\x01\": executable file not found in $PATH");
}

TEST_F(Lookup, ExecErrorsAreInLowerCase) {
  EXPECT_EQ(exec_error_text("/x", ENOEXEC), "exec /x: exec format error");
  EXPECT_EQ(exec_error_text("/x", E2BIG), "exec /x: argument list too long");
}

}  // namespace
}  // namespace sockerless::agent
