#include "aws/xml.h"

#include <array>
#include <utility>

namespace sockerless::aws {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};

std::string decoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [entity, character] : kEntities) {
      if (!text.starts_with(entity)) continue;
      result += character;
      text.remove_prefix(entity.size());
      found = true;
      break;
    }
    if (found) continue;
    result += text.front();
    text.remove_prefix(1);
  }
  return result;
}

}  // namespace

std::string xml_text(std::string_view document, std::string_view element) {
  const std::string open = "<" + std::string(element) + ">";
  const std::string close = "</" + std::string(element) + ">";
  const auto begin = document.find(open);
  if (begin == std::string_view::npos) return "";
  const auto end = document.find(close, begin);
  if (end == std::string_view::npos) return "";
  return decoded(document.substr(begin + open.size(), end - begin - open.size()));
}

}  // namespace sockerless::aws
