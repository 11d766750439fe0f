#pragma once

#include <boost/json/value.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/error.h"

// JSON by one field list per struct:
//
//   struct Point {
//     int x = 0;
//     std::vector<std::string> tags;
//     static constexpr auto fields() {
//       return std::tuple{json::field("X", &Point::x), json::field("Tags", &Point::tags, json::Emit::omit_empty)};
//     }
//   };
//   auto point = json::parse<Point>(text);   std::string text = json::to_text(point);
//
// Reading is lenient as Go's decoder is: unknown keys are skipped, keys match without regard to
// case, null keeps the default. A wrong type throws Error(invalid_argument) with the field's path.
namespace sockerless::json {

using Value = boost::json::value;

// What to print for a member that is empty (an empty text or list, zero, false, no optional).
enum class Emit {
  always,         // [] or {} or 0
  omit_empty,     // nothing, as Go's omitempty
  null_if_empty,  // null, as Go prints a nil slice, map or pointer
};

template <typename Class, typename Member>
struct Field {
  std::string_view name;
  Member Class::*member;
  Emit emit = Emit::always;
};

template <typename Class, typename Member>
constexpr Field<Class, Member> field(std::string_view name, Member Class::*member, Emit emit = Emit::always) {
  return {name, member, emit};
}

template <typename T>
concept HasFields = requires {
  T::fields();
};

// Where in the document a value stands, for error texts: "HostConfig.Memory".
class Path {
 public:
  Path() = default;
  Path(const Path* parent, std::string_view name) : parent_(parent), name_(name) {}
  std::string text() const;

 private:
  const Path* parent_ = nullptr;
  std::string_view name_;
};

[[noreturn]] void throw_mismatch(const Path& path, std::string_view expected);

// The document in `text`. Throws Error(invalid_argument) if it is not JSON.
Value parse_value(std::string_view text);

// The member of an object by its name, case ignored, the exact name first; null if absent.
const Value* find_member(const boost::json::object& object, std::string_view name);

void read(const Value& value, bool& out, const Path& path);
void read(const Value& value, double& out, const Path& path);
void read(const Value& value, std::string& out, const Path& path);
void read(const Value& value, Value& out, const Path& path);
std::int64_t read_integer(const Value& value, const Path& path);

template <std::integral T>
void read(const Value& value, T& out, const Path& path) {
  const std::int64_t number = read_integer(value, path);
  if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
      (sizeof(T) < 8 && number > static_cast<std::int64_t>(std::numeric_limits<T>::max()))) {
    throw_mismatch(path, "a smaller number");
  }
  out = static_cast<T>(number);
}

// Enumerations stand as their number: for documents of our own that nobody else reads.
template <typename T>
requires std::is_enum_v<T>
void read(const Value& value, T& out, const Path& path) { out = static_cast<T>(read_integer(value, path)); }

template <HasFields T>
void read(const Value& value, T& out, const Path& path);
template <typename T>
void read(const Value& value, std::optional<T>& out, const Path& path);
template <typename T>
void read(const Value& value, std::vector<T>& out, const Path& path);
template <typename T>
void read(const Value& value, std::map<std::string, T>& out, const Path& path);

template <HasFields T>
void read(const Value& value, T& out, const Path& path) {
  if (value.is_null()) return;
  const auto* object = value.if_object();
  if (object == nullptr) throw_mismatch(path, "an object");
  std::apply(
      [&](const auto&... fields) {
        const auto one = [&](const auto& field) {
          const Value* member = find_member(*object, field.name);
          if (member != nullptr && !member->is_null()) {
            read(*member, out.*field.member, Path(&path, field.name));
          }
        };
        (one(fields), ...);
      },
      T::fields());
}

template <typename T>
void read(const Value& value, std::optional<T>& out, const Path& path) {
  if (value.is_null()) return;
  out.emplace();
  read(value, *out, path);
}

template <typename T>
void read(const Value& value, std::vector<T>& out, const Path& path) {
  if (value.is_null()) return;
  const auto* array = value.if_array();
  if (array == nullptr) throw_mismatch(path, "an array");
  out.clear();
  for (const Value& element : *array) {
    T item{};
    if (!element.is_null()) read(element, item, path);
    out.push_back(std::move(item));
  }
}

template <typename T>
void read(const Value& value, std::map<std::string, T>& out, const Path& path) {
  if (value.is_null()) return;
  const auto* object = value.if_object();
  if (object == nullptr) throw_mismatch(path, "an object");
  out.clear();
  for (const auto& member : *object) {
    T item{};
    if (!member.value().is_null()) read(member.value(), item, Path(&path, member.key()));
    out.insert_or_assign(std::string(member.key()), std::move(item));
  }
}

template <typename T>
T from_value(const Value& value) {
  T out{};
  read(value, out, Path());
  return out;
}

template <typename T>
T parse(std::string_view text) {
  return from_value<T>(parse_value(text));
}

template <typename T>
bool is_empty(const T& value) {
  if constexpr (requires { value.has_value(); }) {
    return !value.has_value();
  } else if constexpr (requires { value.empty(); }) {
    return value.empty();
  } else if constexpr (std::is_arithmetic_v<T>) {
    return value == T{};
  } else if constexpr (std::is_same_v<T, Value>) {
    return value.is_null();
  } else {
    return false;
  }
}

// Appends JSON text to a buffer: no document in between. <, > and & are escaped, as Go does.
class Writer {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void null() { literal("null"); }
  void value(bool flag) { literal(flag ? "true" : "false"); }
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(double number);
  void value(const Value& document);

  template <std::integral T>
  void value(T number) {
    char digits[24];
    const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, number);
    literal({digits, end});
  }

  template <typename T>
  requires std::is_enum_v<T>
  void value(T number) { value(static_cast<std::int64_t>(number)); }

  template <typename T>
  void value(const std::optional<T>& maybe) {
    if (maybe) {
      value(*maybe);
    } else {
      null();
    }
  }

  template <typename T>
  void value(const std::vector<T>& list) {
    begin_array();
    for (const auto& item : list) value(static_cast<const T&>(item));
    end_array();
  }

  template <typename T>
  void value(const std::map<std::string, T>& object) {
    begin_object();
    for (const auto& [name, item] : object) member(name, item);
    end_object();
  }

  template <HasFields T>
  void value(const T& object) {
    begin_object();
    std::apply([&](const auto&... fields) { (emit(object, fields), ...); }, T::fields());
    end_object();
  }

  template <typename T>
  void member(std::string_view name, const T& item) {
    key(name);
    value(item);
  }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  template <typename T, typename F>
  void emit(const T& object, const F& field) {
    const auto& item = object.*field.member;
    if (field.emit == Emit::always || !is_empty(item)) {
      member(field.name, item);
    } else if (field.emit == Emit::null_if_empty) {
      key(field.name);
      null();
    }
  }

  void open(char bracket);
  void close(char bracket);
  void literal(std::string_view text);
  void separate();
  void quoted(std::string_view text);

  std::string text_;
  bool needs_comma_ = false;
};

template <typename T>
std::string to_text(const T& object) {
  Writer writer;
  writer.value(object);
  return writer.take();
}

}  // namespace sockerless::json
