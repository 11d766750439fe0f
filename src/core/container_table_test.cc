#include "core/container_table.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::core {
namespace {

class ContainerTableTest : public testing::Test {
 protected:
  void add(const std::string& id, const std::string& name) {
    table_.claim_name(name, id);
    Container record;
    record.id = id;
    record.name = name;
    table_.add(record);
  }
  ContainerTable table_;
};

TEST_F(ContainerTableTest, FindsByIdNameAndUniquePrefix) {
  add("aaa1", "web");
  add("abb2", "db");
  EXPECT_EQ(table_.get("aaa1")->record.name, "web");
  EXPECT_EQ(table_.get("db")->record.id, "abb2");
  EXPECT_EQ(table_.get("/db")->record.id, "abb2");
  EXPECT_EQ(table_.get("ab")->record.id, "abb2");
}

TEST_F(ContainerTableTest, APrefixOfTwoIsAmbiguous) {
  add("aaa1", "web");
  add("aab2", "db");
  try {
    table_.get("aa");
    FAIL() << "found";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "multiple IDs found with provided prefix: aa");
  }
}

TEST_F(ContainerTableTest, ANameIsTakenOnce) {
  add("aaa1", "web");
  EXPECT_THROW(table_.claim_name("web", "x"), Error);
  table_.remove("aaa1");
  EXPECT_NO_THROW(table_.claim_name("web", "x"));
}

TEST_F(ContainerTableTest, AClaimedNameBelongsToNoContainerYet) {
  table_.claim_name("web", "aaa1");
  EXPECT_THROW(table_.get("web"), Error);
}

TEST_F(ContainerTableTest, WhoeverHoldsAnEntrySeesItsRemoval) {
  add("aaa1", "web");
  const EntryPointer entry = table_.get("web");
  table_.remove("aaa1");
  EXPECT_TRUE(entry->removed);
}

}  // namespace
}  // namespace sockerless::core
