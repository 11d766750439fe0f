#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sockerless::cloud {

// A page of a list whose elements have stable, ordered keys: the token is the key of the last
// element that has been handed out, so that pages stay right while the list changes.
struct Page {
  std::vector<std::string> items;
  std::string next_token;
};

// `key_of_last` stands for the token of the first request when empty.
std::string encode_page_token(const std::string& key_of_last);

// Throws ApiError(InvalidParameterException) for a text that is no token.
std::string decode_page_token(const std::string& token);

// The wanted page size, `most` when none is given. Throws ApiError(InvalidParameterException)
// outside 1…most.
std::size_t page_size(std::optional<int> wanted, int most = 100);

// `ordered` in the order of handing out; `token` empty for the first page. The position after the
// token is where its key stands, or would stand if it is gone.
Page page_of(const std::vector<std::string>& ordered, const std::string& token, std::size_t size,
             bool descending = false);

}  // namespace sockerless::cloud
