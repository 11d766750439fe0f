#include "cloud/ecs_api/tags.h"

#include <algorithm>
#include <set>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

constexpr std::size_t kMostTags = 50;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Letters, digits and spaces of any script, and _ . : / = + - @.
bool has_only_allowed_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
  });
}

}  // namespace

void validate_tags(const std::vector<Tag>& tags) {
  if (tags.size() > kMostTags) throw invalid_parameter("Too many tags. The maximum is 50.");
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    if (tag.key.empty() || characters(tag.key) > 128) {
      throw invalid_parameter("Tag key must be between 1 and 128 characters long.");
    }
    if (characters(tag.value) > 256) {
      throw invalid_parameter("Tag value must be at most 256 characters long.");
    }
    if (!has_only_allowed_characters(tag.key) || !has_only_allowed_characters(tag.value)) {
      throw invalid_parameter("Tag keys and values may contain letters, numbers, spaces and _ . : / = + - @ only.");
    }
    if (tag.key.compare(0, 4, "aws:") == 0) {
      throw invalid_parameter("Tag keys cannot begin with 'aws:'.");
    }
    if (!keys.insert(tag.key).second) {
      throw invalid_parameter("Tag keys must be unique. Duplicate key: " + tag.key);
    }
  }
}

void merge_tags(std::vector<Tag>& into, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    const auto found =
        std::find_if(into.begin(), into.end(), [&](const Tag& present) { return present.key == tag.key; });
    if (found == into.end()) {
      into.push_back(tag);
    } else {
      found->value = tag.value;
    }
  }
}

void remove_tags(std::vector<Tag>& from, const std::vector<std::string>& keys) {
  const auto is_named = [&](const Tag& tag) { return std::find(keys.begin(), keys.end(), tag.key) != keys.end(); };
  from.erase(std::remove_if(from.begin(), from.end(), is_named), from.end());
}

}  // namespace sockerless::cloud::ecs
