#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/tar.h"

using namespace sockerless;  // NOLINT: a harness is one function

namespace {

struct Member {
  std::string name;
  std::int64_t size = 0;
  std::int64_t given = 0;  // of the content, holes included

  bool operator==(const Member&) const = default;
};

// Reads the tar in pieces of a size; what is read must be whole and the same whatever the size.
std::vector<Member> read(std::string_view tar, std::size_t piece) {
  TarReader reader;
  std::vector<Member> members;
  for (;;) {
    switch (reader.next()) {
      case TarReader::Event::need_input:
        if (tar.empty()) reader.finish();
        reader.feed(tar.substr(0, piece));
        tar.remove_prefix(std::min(piece, tar.size()));
        break;
      case TarReader::Event::entry: members.push_back({reader.entry().name, reader.entry().size, 0}); break;
      case TarReader::Event::data: members.back().given += static_cast<std::int64_t>(reader.data().size()); break;
      case TarReader::Event::hole: members.back().given += reader.hole(); break;
      case TarReader::Event::entry_end:
        if (members.back().given != members.back().size) std::abort();
        break;
      case TarReader::Event::end:
      case TarReader::Event::failed: return members;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view tar(reinterpret_cast<const char*>(data), size);
  std::vector<Member> whole = read(tar, size + 1);
  std::vector<Member> pieces = read(tar, 13);
  // How far an unfinished content has come depends on the pieces.
  if (!whole.empty()) whole.back().given = 0;
  if (!pieces.empty()) pieces.back().given = 0;
  if (whole != pieces) std::abort();
  return 0;
}
