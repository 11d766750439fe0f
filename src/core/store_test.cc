#include "core/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "core/container.h"
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
    EXPECT_NE(std::string(error.what()).find("move it and its -wal away"), std::string::npos);
  }
}

TEST_F(SqliteStoreTest, DamageInTheMiddleIsFoundAtTheStart) {
  {
    SqliteStore store(folder_, loop_.get_executor());
    for (int row = 0; row < 200; ++row) {
      test::run(loop_, store.put("containers", std::to_string(row), std::string(500, 'x'), Durability::relaxed));
    }
  }
  std::filesystem::remove(folder_ + "/state.db-wal");
  std::fstream file(folder_ + "/state.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 4096);
  file << std::string(4096, 'z');
  file.close();
  EXPECT_THROW(SqliteStore(folder_, loop_.get_executor()), Error);
}

TEST_F(SqliteStoreTest, TheStateOfANewerVersionIsLeftAlone) {
  { SqliteStore store(folder_, loop_.get_executor()); }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ + "/state.db").c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "PRAGMA user_version=99", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  try {
    SqliteStore store(folder_, loop_.get_executor());
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("newer version (schema 99"), std::string::npos);
  }
}

TEST_F(SqliteStoreTest, ARowThatCannotBeReadIsNamed) {
  try {
    read_row<Container>("containers", "abc", "{\"id\": 7}");
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("containers/abc"), std::string::npos);
  }
}

TEST_F(SqliteStoreTest, TheFolderIsPrivate) {
  SqliteStore store(folder_ + "/made/on/demand", loop_.get_executor());
  EXPECT_EQ(std::filesystem::status(folder_ + "/made/on/demand").permissions(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace sockerless::core
