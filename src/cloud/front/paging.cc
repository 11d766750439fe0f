#include "cloud/front/paging.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/front/api_error.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kMark = "k1-";

}  // namespace

// Hexadecimal, so that nobody takes the key for something to build by hand.
std::string encode_page_token(const std::string& key_of_last) {
  std::string token(kMark);
  for (const char c : key_of_last) token += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return token;
}

std::string decode_page_token(const std::string& token) {
  const auto invalid = [] { return invalid_parameter("Invalid token."); };
  if (token.compare(0, kMark.size(), kMark) != 0 || token.size() % 2 != kMark.size() % 2) {
    throw invalid();
  }
  std::string key;
  for (std::size_t at = kMark.size(); at < token.size(); at += 2) {
    const auto digits = token.substr(at, 2);
    if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) throw invalid();
    key += static_cast<char>(std::stoi(digits, nullptr, 16));
  }
  return key;
}

std::size_t page_size(std::optional<int> wanted, int most) {
  const int size = wanted.value_or(most);
  if (size < 1 || size > most) {
    throw invalid_parameter(fmt::format("maxResults must be between 1 and {}.", most));
  }
  return static_cast<std::size_t>(size);
}

Page page_of(const std::vector<std::string>& ordered, const std::string& token, std::size_t size, bool descending) {
  auto begin = ordered.begin();
  if (!token.empty()) {
    const std::string last = decode_page_token(token);
    begin = std::find_if(ordered.begin(), ordered.end(),
                         [&](const std::string& key) { return descending ? key < last : key > last; });
  }
  const auto left = static_cast<std::size_t>(ordered.end() - begin);
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(size, left));
  Page page{{begin, end}, ""};
  if (end != ordered.end()) page.next_token = encode_page_token(page.items.back());
  return page;
}

}  // namespace sockerless::cloud
