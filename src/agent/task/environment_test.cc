#include "agent/task/environment.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

using Variables = std::vector<std::string>;

TEST(MergeEnvironment, ReplacesInPlaceAndAddsAtTheEnd) {
  EXPECT_EQ(merge_environment({"A=1", "B=2"}, {"B=3", "C=4"}), (Variables{"A=1", "B=3", "C=4"}));
}

TEST(MergeEnvironment, ANameAloneTakesTheVariableAway) {
  EXPECT_EQ(merge_environment({"A=1", "B=2"}, {"A", "NEVER"}), (Variables{"B=2"}));
}

TEST(MergeEnvironment, TheLastChangeCounts) {
  EXPECT_EQ(merge_environment({"A=1"}, {"A", "A=2", "B=1", "B=2"}), (Variables{"A=2", "B=2"}));
}

TEST(MergeEnvironment, NamesAreNotPrefixes) {
  EXPECT_EQ(merge_environment({"PATH=/bin"}, {"PATHS=x"}), (Variables{"PATH=/bin", "PATHS=x"}));
}

TEST(MergeEnvironment, EmptyValuesStay) { EXPECT_EQ(merge_environment({}, {"A="}), (Variables{"A="})); }

}  // namespace
}  // namespace sockerless::agent
