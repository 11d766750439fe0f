#include <gtest/gtest.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/tar.h"
#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless::test {
namespace {

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() : id_(daemon_.create("web")) {}

  void start() { daemon_.start("web", id_); }

  Reply put(const std::string& query, const std::string& body) {
    return daemon_.put("/containers/web/archive?" + query, body);
  }
  Reply get(const std::string& path) { return daemon_.get("/containers/web/archive?path=" + path); }

  static std::string tar_of(const std::string& name, const std::string& content, TarType type = TarType::file) {
    std::string tar;
    const TarEntry entry{.name = name, .type = type, .mode = 0640, .size = static_cast<std::int64_t>(content.size())};
    append_tar_header(tar, entry);
    return tar + content + std::string(tar_padding(entry.size) + kTarEnd, '\0');
  }

  TestDaemon daemon_;
  std::string id_;
};

std::string gzipped(const std::string& plain) {
  std::string out(plain.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(ArchiveTest, WithoutAPathIsABadParameter) {
  for (const Reply& reply : {daemon_.get("/containers/web/archive"), put("", "x")}) {
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.message(), "bad parameter: path cannot be empty");
  }
}

TEST_F(ArchiveTest, OfAnUnknownContainerIsNotFound) {
  EXPECT_EQ(daemon_.get("/containers/nosuch/archive?path=/").message(), "No such container: nosuch");
  EXPECT_EQ(daemon_.get("/containers/nosuch/changes").status, 404);
  EXPECT_EQ(daemon_.get("/containers/nosuch/export").status, 404);
}

TEST_F(ArchiveTest, MissingPathIsToldInDockersWords) {
  start();
  const Reply reply = get("/nosuch");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.message(), "Could not find the file /nosuch in container web");
}

TEST_F(ArchiveTest, OfARunningContainerIsTheDriversTar) {
  start();
  daemon_.files_driver.stats["/etc/motd"] = {.name = "motd", .size = 3, .mode = 0644};
  const Reply reply = get("/etc/motd");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/x-tar");
  EXPECT_EQ(reply.text, "a tar");
}

TEST_F(ArchiveTest, PutReachesTheDriverDecompressed) {
  start();
  const std::string tar = tar_of("f", std::string(5000, 'x'));
  EXPECT_EQ(put("path=/tmp&noOverwriteDirNonDir=true&copyUIDGID=1", gzipped(tar)).status, 200);
  ASSERT_EQ(daemon_.files_driver.puts.size(), 1u);
  const FakeFiles::Put& request = daemon_.files_driver.puts[0];
  EXPECT_EQ(request.request.path, "/tmp");
  EXPECT_TRUE(request.request.no_overwrite_dir_non_dir);
  EXPECT_TRUE(request.request.copy_uid_gid);
  EXPECT_FALSE(request.request.make_folder);
  EXPECT_EQ(request.tar, tar);
}

TEST_F(ArchiveTest, CompressedBodyThatIsCutOffIsUnexpectedEof) {
  start();
  const std::string body = gzipped(tar_of("f", std::string(5000, 'x')));
  const Reply reply = put("path=/tmp", body.substr(0, body.size() / 2));
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.message(), "unexpected EOF");
}

TEST_F(ArchiveTest, PutToAReadOnlyContainerIsRefused) {
  daemon_.create("fixed", R"(,"HostConfig":{"ReadonlyRootfs":true})");
  const Reply reply = daemon_.put("/containers/fixed/archive?path=/tmp", tar_of("f", "x"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "container rootfs is marked read-only");
}

TEST_F(ArchiveTest, WhatWasCopiedIntoACreatedContainerCanBeReadBack) {
  ASSERT_EQ(put("path=/opt", tar_of("app/config", "hello")).status, 200);
  const Reply reply = get("/opt/app/config");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text.substr(0, 7), std::string("config\0", 7));
  EXPECT_EQ(reply.text.substr(kTarBlock, 5), "hello");
}

TEST_F(ArchiveTest, WhatACreatedContainerHasOtherwiseIsNotKnown) {
  const Reply reply = get("/etc/passwd");
  EXPECT_EQ(reply.status, 409);
  EXPECT_NE(reply.message().find("/etc/passwd is none of them: it does not run"), std::string::npos);
  EXPECT_EQ(get("/etc").status, 409);
}

TEST_F(ArchiveTest, PutOnAFileThatIsStagedIsNoFolder) {
  ASSERT_EQ(put("path=/opt", tar_of("file", "x")).status, 200);
  const Reply reply = put("path=/opt/file", tar_of("f", "x"));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "extraction point is not a directory");
}

TEST_F(ArchiveTest, WhatIsNoTarIsNotStaged) {
  EXPECT_EQ(put("path=/", std::string(2000, 'j')).message(), "archive/tar: invalid tar header");
  EXPECT_EQ(put("path=/", tar_of("f", std::string(2000, 'x')).substr(0, 1000)).message(), "unexpected EOF");
  EXPECT_FALSE(daemon_.staging.has(id_));
}

TEST_F(ArchiveTest, MoreThanTheLimitIsNotStaged) {
  ASSERT_EQ(put("path=/", tar_of("a", std::string(600 * 1024, 'x'))).status, 200);
  const Reply reply = put("path=/", tar_of("b", std::string(600 * 1024, 'x')));
  EXPECT_EQ(reply.status, 413);
  EXPECT_NE(reply.message().find("--staging-limit"), std::string::npos);
  EXPECT_EQ(daemon_.staging.archives(id_).size(), 1u);
}

TEST_F(ArchiveTest, StagedFilesArePutThereBeforeEveryStartsCommand) {
  ASSERT_EQ(put("path=/opt", tar_of("f", "x")).status, 200);
  daemon_.files_driver.on_put = [&] {
    EXPECT_TRUE(daemon_.record("web").current_launch()->held);
    EXPECT_TRUE(daemon_.agents.released.empty());
    daemon_.agents.starts(id_);
  };
  const Reply reply = daemon_.post_while("/containers/web/start", [&] { daemon_.agents.connects(id_); });
  EXPECT_EQ(reply.status, 204);
  daemon_.settle();
  EXPECT_EQ(daemon_.agents.released.size(), 1u);
  ASSERT_EQ(daemon_.files_driver.puts.size(), 1u);
  EXPECT_EQ(daemon_.files_driver.puts[0].request.path, "/opt");
  EXPECT_TRUE(daemon_.files_driver.puts[0].request.make_folder);
}

TEST_F(ArchiveTest, AStartWhoseFilesCannotBePutThereFails) {
  ASSERT_EQ(put("path=/opt", tar_of("f", "x")).status, 200);
  daemon_.files_driver.failure = Error(ErrorKind::internal, "write /opt/f: no space left on device");
  const Reply reply = daemon_.post_while("/containers/web/start", [&] { daemon_.agents.connects(id_); });
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.message(),
            "what was copied to /opt before the start cannot be put there: write /opt/f: no space left on device");
  EXPECT_TRUE(daemon_.agents.released.empty());
}

TEST_F(ArchiveTest, StagedFilesGoWithTheContainer) {
  ASSERT_EQ(put("path=/opt", tar_of("f", "x")).status, 200);
  EXPECT_EQ(daemon_.del("/containers/web").status, 204);
  daemon_.settle();
  EXPECT_FALSE(daemon_.staging.has(id_));
}

TEST_F(ArchiveTest, ChangesHaveDockersNumbers) {
  start();
  EXPECT_EQ(daemon_.get("/containers/web/changes").text, "null\n");
  daemon_.files_driver.changed = {{"/etc", core::FileChange::Kind::modified},
                                  {"/etc/new", core::FileChange::Kind::added},
                                  {"/old", core::FileChange::Kind::deleted}};
  EXPECT_EQ(daemon_.get("/containers/web/changes").text,
            R"([{"Path":"/etc","Kind":0},{"Path":"/etc/new","Kind":1},{"Path":"/old","Kind":2}])"
            "\n");
}

TEST_F(ArchiveTest, ExportOfARunningContainerIsItsTar) {
  start();
  const Reply reply = daemon_.get("/containers/web/export");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text, "a tar");
}

TEST_F(ArchiveTest, ExportOfAContainerThatDoesNotRunSaysWhyNot) {
  const Reply reply = daemon_.get("/containers/web/export");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(), "container web does not run: its file system exists only while its task runs");
}

}  // namespace
}  // namespace sockerless::test
