#include "base/json.h"

#include <gtest/gtest.h>

namespace sockerless::json {
namespace {

struct Inner {
  std::int64_t memory = 0;
  static constexpr auto fields() { return std::tuple{field("Memory", &Inner::memory)}; }
};

struct Outer {
  std::string name;
  std::vector<std::string> list;
  std::vector<std::string> nullable;
  std::map<std::string, std::string> labels;
  std::optional<int> maybe;
  Inner inner;

  static constexpr auto fields() {
    return std::tuple{field("Name", &Outer::name),
                      field("List", &Outer::list),
                      field("Nullable", &Outer::nullable, Emit::null_if_empty),
                      field("Labels", &Outer::labels, Emit::omit_empty),
                      field("Maybe", &Outer::maybe, Emit::omit_empty),
                      field("Inner", &Outer::inner)};
  }
};

TEST(Json, ReadsWhatItKnowsAndSkipsTheRest) {
  const auto outer = parse<Outer>(R"({"name":"a","List":["x"],"Unknown":{"y":1},"Inner":{"Memory":5}})");
  EXPECT_EQ(outer.name, "a");
  EXPECT_EQ(outer.list, std::vector<std::string>{"x"});
  EXPECT_EQ(outer.inner.memory, 5);
}

TEST(Json, NullKeepsTheDefault) { EXPECT_EQ(parse<Outer>(R"({"Name":null,"Inner":null,"List":null})").name, ""); }

TEST(Json, WrongTypeNamesThePath) {
  try {
    parse<Outer>(R"({"Inner":{"Memory":"big"}})");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_STREQ(error.what(), "Inner.Memory: expected an integer");
  }
}

TEST(Json, RefusesWhatIsNotJson) {
  EXPECT_THROW(parse<Outer>("{"), Error);
  EXPECT_THROW(parse<Outer>(""), Error);
  EXPECT_THROW(parse<Outer>("{} trailing"), Error);
}

TEST(Json, EmptyMembersFollowTheirPolicy) {
  EXPECT_EQ(to_text(Outer{}), R"({"Name":"","List":[],"Nullable":null,"Inner":{"Memory":0}})");
}

TEST(Json, EscapesAsGoDoes) {
  EXPECT_EQ(to_text(std::vector<std::string>{"<a&b>\n\"\\\x01\xe2\x80\xa8"}),
            "[\"\\u003ca\\u0026b\\u003e\\n\\\"\\\\\\u0001\\u2028\"]");
}

TEST(Json, InvalidUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(to_text(std::vector<std::string>{"a\xffz", "\xc3\xa9"}), "[\"a\\ufffdz\",\"\xc3\xa9\"]");
}

}  // namespace
}  // namespace sockerless::json
