#include "cloud/images/layer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "cloud/images/fake_registry.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

class Layer : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "unpacking layers needs root";
    char name[] = "/tmp/sockerless-layer-XXXXXX";
    folder_ = ::mkdtemp(name);
    fs::create_directory(root());
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  void unpack(const std::vector<TarEntry>& entries, const std::string& filter = "gzip",
              const LayerLimits& limits = {}) {
    std::ofstream(folder_ + "/archive", std::ios::binary) << make_layer(entries, filter);
    unpack_layer(folder_ + "/archive", root(), limits);
  }
  std::string refusal_of(const std::vector<TarEntry>& entries, const LayerLimits& limits) {
    try {
      unpack(entries, "gzip", limits);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  std::string root() const { return folder_ + "/root"; }
  std::string at(const std::string& name) const { return root() + "/" + name; }
  struct stat status(const std::string& name) const {
    struct stat found {};
    EXPECT_EQ(::lstat(at(name).c_str(), &found), 0) << name;
    return found;
  }
  std::string content(const std::string& name) const {
    std::ifstream file(at(name));
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::string attribute(const std::string& name, const char* key) const {
    char value[64] = {};
    const auto size = ::lgetxattr(at(name).c_str(), key, value, sizeof value);
    return size < 0 ? "none" : std::string(value, static_cast<std::size_t>(size));
  }

  std::string folder_;
};

TEST_F(Layer, SaysWhatItsFilesOccupyBeforeTheFileSystemDoes) {
  const std::vector<TarEntry> entries = {{.name = "folder", .type = 'd'},
                                         {.name = "folder/one", .content = "1"},
                                         {.name = "folder/two", .content = std::string(5000, 'x')},
                                         {.name = "empty"},
                                         {.name = "link", .type = 'h', .content = "folder/two"}};
  std::ofstream(folder_ + "/archive", std::ios::binary) << make_layer(entries);
  EXPECT_EQ(unpack_layer(folder_ + "/archive", root()), 4 * 4096);
}

TEST_F(Layer, KeepsOwnersModesAndTimes) {
  unpack({{.name = "bin/", .type = 'd', .mode = 0750, .gid = 7, .modified = 1'111'111'111},
          {.name = "bin/tool", .content = "x", .mode = 04755, .uid = 12, .gid = 34},
          {.name = "bin/link", .type = 's', .content = "tool", .uid = 5}});
  EXPECT_EQ(status("bin/tool").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(status("bin/tool").st_uid, 12U);
  EXPECT_EQ(status("bin/tool").st_gid, 34U);
  EXPECT_EQ(status("bin/tool").st_mtime, 1'000'000'000);
  EXPECT_EQ(status("bin").st_mode, S_IFDIR | 0750U);
  EXPECT_EQ(status("bin").st_mtime, 1'111'111'111);
  EXPECT_EQ(fs::read_symlink(at("bin/link")), "tool");
  EXPECT_EQ(status("bin/link").st_uid, 5U);
}

TEST_F(Layer, IsReadPlainAndWithGzipAndZstd) {
  for (const std::string filter : {"", "gzip", "zstd"}) {
    unpack({{.name = "a" + filter, .content = filter}}, filter);
    EXPECT_EQ(content("a" + filter), filter);
  }
}

TEST_F(Layer, TurnsWhiteoutsIntoWhatOverlayfsReads) {
  unpack({{.name = "etc/.wh.passwd"}, {.name = "var/.wh..wh..opq"}, {.name = ".wh..wh.plnk/1.2"}});
  EXPECT_TRUE(S_ISCHR(status("etc/passwd").st_mode));
  EXPECT_EQ(status("etc/passwd").st_rdev, makedev(0, 0));
  EXPECT_EQ(attribute("var", "trusted.overlay.opaque"), "y");
  EXPECT_FALSE(fs::exists(at("etc/.wh.passwd")));
  EXPECT_FALSE(fs::exists(at(".wh..wh.plnk")));
  EXPECT_FALSE(fs::exists(at("var/.wh..wh..opq")));
}

TEST_F(Layer, KeepsHardLinksAndAttributes) {
  unpack({{.name = "a", .content = "one", .attributes = {{"user.colour", "blue"}, {"trusted.overlay.redirect", "/"}}},
          {.name = "d/b", .type = 'h', .content = "a"}});
  EXPECT_EQ(status("a").st_ino, status("d/b").st_ino);
  EXPECT_EQ(attribute("a", "user.colour"), "blue");
  EXPECT_EQ(attribute("a", "trusted.overlay.redirect"), "none");
}

TEST_F(Layer, RefusesNamesThatLeadOut) {
  EXPECT_THROW(unpack({{.name = "../x"}}), Error);
  EXPECT_THROW(unpack({{.name = "a/../../x"}}), Error);
  EXPECT_THROW(unpack({{.name = "x", .type = 'h', .content = "../../archive"}}), Error);
  EXPECT_THROW(unpack({{.name = ".wh..."}, {.name = "a/.wh..."}}), Error);
  EXPECT_FALSE(fs::exists(folder_ + "/x"));
}

TEST_F(Layer, FollowsItsLinksInsideOnly) {
  unpack({{.name = "up", .type = 's', .content = "../../../.."},
          {.name = "absolute", .type = 's', .content = "/target"},
          {.name = "target/", .type = 'd', .mode = 0755},
          {.name = "up/x", .content = "1"},
          {.name = "absolute/y", .content = "2"}});
  EXPECT_EQ(content("x"), "1");
  EXPECT_EQ(content("target/y"), "2");
  EXPECT_FALSE(fs::exists("/target/y"));
}

TEST_F(Layer, TakesTheLastOfRepeatedEntries) {
  unpack({{.name = "a/b", .content = "old"},
          {.name = "a", .type = 's', .content = "c"},
          {.name = "c", .content = "first"},
          {.name = "c", .content = "second"}});
  EXPECT_EQ(fs::read_symlink(at("a")), "c");
  EXPECT_EQ(content("c"), "second");
}

TEST_F(Layer, KeepsNamesThatAreNotAscii) {
  unpack({{.name = "gr\xc3\xbc\xc3\x9f.txt", .content = "x"}});
  EXPECT_EQ(content("gr\xc3\xbc\xc3\x9f.txt"), "x");
}

TEST_F(Layer, ThatIsABombIsCutOff) {
  std::string zeroes;
  zeroes.resize(9'000'000);
  const std::vector<TarEntry> bomb{{.name = "small", .content = "x"}, {.name = "zeroes", .content = zeroes}};
  EXPECT_EQ(refusal_of(bomb, {.bytes = 1'000'000}), "the layer is too large: no space left on device");
  EXPECT_LE(fs::file_size(at("zeroes")), 1'000'000U);
  EXPECT_EQ(refusal_of(bomb, {.bytes = 9'000'001}), "");
}

TEST_F(Layer, ThatHasTooManyFilesIsCutOff) {
  std::vector<TarEntry> many;
  many.reserve(50);
  for (int i = 0; i < 50; ++i) many.push_back({.name = fmt::format("d/{}", i)});
  EXPECT_EQ(refusal_of(many, {.entries = 49}), "too many files: no space left on device");
  EXPECT_EQ(std::distance(fs::directory_iterator(at("d")), fs::directory_iterator()), 49);
  EXPECT_EQ(refusal_of(many, {.entries = 50}), "");
}

TEST_F(Layer, RefusesNamesThatAreTooDeep) {
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "d/";
  EXPECT_THROW(unpack({{.name = deep + "x"}}), Error);
}

TEST_F(Layer, DoesNotFollowALinkThatItsOwnFolderBecame) {
  EXPECT_NO_THROW(unpack({{.name = "tmp/", .type = 'd', .mode = 0755},
                          {.name = "d/", .type = 'd', .mode = 0755},
                          {.name = "d", .type = 's', .content = "/tmp"},
                          {.name = "d/escaped", .content = "x"},
                          {.name = "h", .type = 'h', .content = "d/escaped"}}));
  EXPECT_FALSE(fs::exists("/tmp/escaped"));
  EXPECT_EQ(content("tmp/escaped"), "x");
  EXPECT_EQ(content("h"), "x");
}

TEST_F(Layer, ThatIsDamagedIsAnError) {
  std::ofstream(folder_ + "/archive") << "this is no archive";
  EXPECT_THROW(unpack_layer(folder_ + "/archive", root()), Error);
}

}  // namespace
}  // namespace sockerless::cloud
