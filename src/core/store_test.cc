#include "core/store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "tests/support/run.h"

namespace sockerless::core {
namespace {

class SqliteStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/store_test_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> keep_{loop_.get_executor()};
  std::string folder_;
};

TEST_F(SqliteStoreTest, KeepsWhatWasPutAndForgetsWhatWasErased) {
  {
    SqliteStore store(folder_, loop_.get_executor());
    test::run(loop_, store.put("containers", "a", "{\"x\":1}", Durability::full));
    test::run(loop_, store.put("containers", "a", "{\"x\":2}", Durability::relaxed));
    test::run(loop_, store.put("containers", "b", "{}", Durability::relaxed));
    test::run(loop_, store.put("images", "a", "{}", Durability::relaxed));
    test::run(loop_, store.erase("containers", "b"));
  }
  SqliteStore again(folder_, loop_.get_executor());
  EXPECT_EQ(again.load("containers"), (Store::Rows{{"a", "{\"x\":2}"}}));
}

TEST_F(SqliteStoreTest, ASecondDaemonIsRefused) {
  SqliteStore first(folder_, loop_.get_executor());
  EXPECT_THROW(SqliteStore(folder_, loop_.get_executor()), Error);
}

TEST_F(SqliteStoreTest, ADamagedFileIsNamedWithAWayOut) {
  std::ofstream(folder_ + "/state.db") << "this is no database, and it is longer than a header is: "
                                       << std::string(4096, 'x');
  try {
    SqliteStore store(folder_, loop_.get_executor());
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(folder_ + "/state.db"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("move the file away"), std::string::npos);
  }
}

TEST_F(SqliteStoreTest, TheFolderIsPrivate) {
  SqliteStore store(folder_ + "/made/on/demand", loop_.get_executor());
  EXPECT_EQ(std::filesystem::status(folder_ + "/made/on/demand").permissions(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace sockerless::core
