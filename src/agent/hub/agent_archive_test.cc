// Sessions of the built agent program that unpack a tar.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "agent/hub/agent_program_fixture.h"
#include "agent/protocol/archive.h"
#include "base/id.h"
#include "base/tar.h"

namespace sockerless::agent {
namespace {

using testing::HasSubstr;

std::string content_of(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + i / 509);
  return content;
}

void append_file(std::string& tar, const std::string& name, const std::string& content) {
  TarEntry entry{.name = name, .mode = 0644, .uid = geteuid(), .gid = getegid()};
  entry.size = static_cast<std::int64_t>(content.size());
  append_tar_header(tar, entry);
  tar += content;
  tar.append(tar_padding(entry.size), '\0');
}

class AgentArchive : public AgentProgram {
 protected:
  void SetUp() override {
    AgentProgram::SetUp();
    std::filesystem::create_directory(folder_);
    start({"sleep", "1000"});
    wait_for_report("started");
  }
  void TearDown() override {
    AgentProgram::TearDown();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<StreamSession> put() {
    const std::string parameters = encode(ArchivePutParameters{.path = folder_});
    return run(hub_.open("c1", {.kind = SessionKind::archive_put, .parameters = parameters, .standard_in = true}));
  }

  std::string read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  // The agent is asked, and has its turn meanwhile.
  bool is_there(const std::string& name) {
    try {
      run(hub_.open("c1", {.kind = SessionKind::archive_stat, .parameters = encode_path(folder_ + "/" + name)}));
      return true;
    } catch (const SessionFailure&) {
      return false;
    }
  }

  std::string folder_ = "/tmp/sockerless-archive-" + random_hex(8);
};

// More than all that is kept on the way, in pieces that end nowhere in particular.
TEST_P(AgentArchive, UnpacksLargeAndSmallFilesFromPiecesOfAnySize) {
  const std::string large = content_of(5'000'017);
  std::string tar;
  append_file(tar, "small", "a few bytes");
  append_file(tar, "large", large);
  append_file(tar, "empty", "");
  append_file(tar, "last", content_of(128 * 1024));
  tar.append(kTarEnd, '\0');
  for (const std::size_t size : {700UL, 65'537UL, tar.size()}) {
    const auto session = put();
    for (std::size_t at = 0; at < tar.size(); at += size) run(session->write(tar.substr(at, size)));
    session->close_stdin();
    EXPECT_EQ(run(session->result()), 0);
    EXPECT_EQ(read("small"), "a few bytes");
    EXPECT_TRUE(read("large") == large);
    EXPECT_EQ(read("empty"), "");
    EXPECT_TRUE(read("last") == content_of(128 * 1024));
  }
}

TEST_P(AgentArchive, WhatTheTarIsPaddedWithIsTaken) {
  std::string tar;
  append_file(tar, "file", "content");
  tar.append(kTarEnd + 3 * 1024 * 1024, '\0');
  const auto session = put();
  run(session->write(tar));
  session->close_stdin();
  EXPECT_EQ(run(session->result()), 0);
  EXPECT_EQ(read("file"), "content");
}

TEST_P(AgentArchive, AFileThatIsCutOffIsRemoved) {
  std::string tar;
  append_file(tar, "whole", content_of(300'000));
  append_file(tar, "partial", content_of(300'000));
  const auto session = put();
  run(session->write(tar.substr(0, tar.size() - 100'000)));
  session->close_stdin();
  try {
    run(session->result());
    ADD_FAILURE() << "the session has succeeded";
  } catch (const SessionFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("unexpected EOF"));
  }
  EXPECT_TRUE(read("whole") == content_of(300'000));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/partial"));
}

// The client leaves in the middle of a file.
TEST_P(AgentArchive, ASessionThatIsGivenUpLeavesNoPart) {
  std::string tar;
  append_file(tar, "partial", content_of(300'000));
  {
    const auto session = put();
    run(session->write(tar.substr(0, 200'000)));
    while (!is_there("partial")) {
    }
  }
  while (is_there("partial")) {
  }
}

// What it was sent beyond that goes nowhere.
TEST_P(AgentArchive, AMemberThatIsRefusedEndsTheSession) {
  std::string tar;
  append_file(tar, "../outside", content_of(3'000'000));
  const auto session = put();
  try {
    run(session->write(tar));
    session->close_stdin();
    run(session->result());
    ADD_FAILURE() << "the session has succeeded";
  } catch (const SessionFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("is outside of"));
  }
}

INSTANTIATE_TEST_SUITE_P(Both, AgentArchive, testing::Values(ConnectBy::forward, ConnectBy::reverse), name_of_way);

}  // namespace
}  // namespace sockerless::agent
