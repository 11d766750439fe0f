#include "base/json.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

namespace sockerless::json {
namespace {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(left[i])) != std::tolower(static_cast<unsigned char>(right[i]))) {
      return false;
    }
  }
  return true;
}

// The length of the UTF-8 sequence that starts `text`; 0 if it is not valid.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool beyond = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

// The bytes that stand for themselves in a JSON text.
constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = true;
  for (const char c : {'"', '\\', '<', '>', '&'}) plain[static_cast<unsigned char>(c)] = false;
  return plain;
}
constexpr std::array<bool, 256> kIsPlain = plain_bytes();

}  // namespace

std::string Path::text() const {
  if (parent_ == nullptr) return std::string(name_);
  const std::string above = parent_->text();
  return above.empty() ? std::string(name_) : above + "." + std::string(name_);
}

void throw_mismatch(const Path& path, std::string_view expected) {
  const std::string where = path.text();
  throw Error(ErrorKind::invalid_argument,
              where.empty() ? fmt::format("expected {}", expected) : fmt::format("{}: expected {}", where, expected));
}

Value parse_value(std::string_view text) {
  boost::json::error_code error;
  Value value = boost::json::parse({text.data(), text.size()}, error,
                                   boost::json::make_shared_resource<boost::json::monotonic_resource>());
  if (error) throw Error(ErrorKind::invalid_argument, "invalid JSON: " + error.message());
  return value;
}

const Value* find_member(const boost::json::object& object, std::string_view name) {
  if (const Value* exact = object.if_contains({name.data(), name.size()})) return exact;
  for (const auto& member : object) {
    if (equal_ignoring_case(member.key(), name)) return &member.value();
  }
  return nullptr;
}

void read(const Value& value, bool& out, const Path& path) {
  if (!value.is_bool()) throw_mismatch(path, "a boolean");
  out = value.get_bool();
}

void read(const Value& value, double& out, const Path& path) {
  if (value.is_double()) {
    out = value.get_double();
  } else {
    out = static_cast<double>(read_integer(value, path));
  }
}

void read(const Value& value, std::string& out, const Path& path) {
  if (!value.is_string()) throw_mismatch(path, "a string");
  out.assign(value.get_string().data(), value.get_string().size());
}

void read(const Value& value, Value& out, const Path&) { out = Value(value, {}); }

std::int64_t read_integer(const Value& value, const Path& path) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_double() && std::floor(value.get_double()) == value.get_double() &&
      std::abs(value.get_double()) < 9.2e18) {
    return static_cast<std::int64_t>(value.get_double());
  }
  throw_mismatch(path, "an integer");
}

void Writer::separate() {
  if (needs_comma_) text_ += ',';
}

void Writer::open(char bracket) {
  separate();
  text_ += bracket;
  needs_comma_ = false;
}

void Writer::close(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
}

void Writer::literal(std::string_view text) {
  separate();
  text_ += text;
  needs_comma_ = true;
}

void Writer::key(std::string_view name) {
  separate();
  quoted(name);
  text_ += ':';
  needs_comma_ = false;
}

void Writer::value(std::string_view text) {
  separate();
  quoted(text);
  needs_comma_ = true;
}

void Writer::value(double number) {
  if (std::floor(number) == number && std::abs(number) < 1e15) {
    value(static_cast<std::int64_t>(number));
  } else {
    literal(fmt::format("{}", number));
  }
}

void Writer::value(const Value& document) { literal(boost::json::serialize(document)); }

void Writer::quoted(std::string_view text) {
  text_ += '"';
  std::size_t done = 0;
  const auto flush = [&](std::size_t upto) { text_.append(text.data() + done, upto - done); };
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (kIsPlain[c]) {
      ++at;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t length = utf8_length(text.substr(at));
      // U+2028 and U+2029 end a line in JavaScript, so Go escapes them.
      const bool separator =
          length == 3 && text.substr(at, 2) == "\xe2\x80" && (text[at + 2] == '\xa8' || text[at + 2] == '\xa9');
      if (length > 0 && !separator) {
        at += length;
        continue;
      }
      flush(at);
      text_ += length == 0 ? "\\ufffd" : text[at + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      at += length == 0 ? 1 : length;
      done = at;
      continue;
    }
    flush(at);
    switch (c) {
      case '"': text_ += "\\\""; break;
      case '\\': text_ += "\\\\"; break;
      case '\n': text_ += "\\n"; break;
      case '\r': text_ += "\\r"; break;
      case '\t': text_ += "\\t"; break;
      default: text_ += fmt::format("\\u{:04x}", c);
    }
    done = ++at;
  }
  flush(text.size());
  text_ += '"';
}

}  // namespace sockerless::json
