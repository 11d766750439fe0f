#include "base/decompressor.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/error.h"

namespace sockerless::test {
namespace {

// 3000 times "tar" by gzip, bzip2, xz and zstd.
constexpr const char* kSamples[] = {"H4sIAAAAAAACA+3CAQkAAAwDoKyrMNaf9ziKS6eqqqqqqqqqqt8fm3BT7CgjAAA=",
                                    "QlpoOTFBWSZTWaFCjaEAEZOBgCAAFAAgADDMCappqhC6oQtUIXi7kinChIUKFG0I",
                                    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+"
                                    "Wj4CMnACxdADoYSr2DWH9DwAjkrsalqt1ibl5oBlBrwsV8RYGsMApxmfeGIWxeAO8cvddoALh5Rhbh9B9G"
                                    "AAFIqEYAAABqj3bescRn+wIAAAAABFla",
                                    "KLUv/QRYXQAAGHRhcgEAIkPeDQFMTpL+"};

std::string plain() {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "tar";
  return text;
}

std::string decompress(std::string_view bytes, std::size_t piece, bool& is_complete) {
  const auto decompressor = find_decompressor(bytes.substr(0, kLongestMagic));
  std::string out;
  while (!bytes.empty()) {
    std::string_view in = bytes.substr(0, piece);
    bytes.remove_prefix(in.size());
    for (std::size_t before = 0; !in.empty() || out.size() != before;) {
      before = out.size();
      decompressor->step(in, out);
    }
  }
  is_complete = decompressor->is_complete();
  return out;
}

TEST(DecompressorTest, EveryFormatIsReadInPiecesOfAnySize) {
  for (const char* sample : kSamples) {
    const std::string bytes = base64_decode(sample).value();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100000}}) {
      bool is_complete = false;
      EXPECT_EQ(decompress(bytes, piece, is_complete), plain()) << sample;
      EXPECT_TRUE(is_complete) << sample;
    }
  }
}

TEST(DecompressorTest, CutOffDataIsIncomplete) {
  for (const char* sample : kSamples) {
    const std::string bytes = base64_decode(sample).value();
    bool is_complete = true;
    decompress(bytes.substr(0, bytes.size() - 1), 16, is_complete);
    EXPECT_FALSE(is_complete) << sample;
  }
}

TEST(DecompressorTest, MalformedDataIsRefused) {
  for (const char* sample : kSamples) {
    std::string bytes = base64_decode(sample).value();
    for (std::size_t i = bytes.size() / 2; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
    bool is_complete = false;
    EXPECT_THROW(decompress(bytes, 16, is_complete), Error) << sample;
  }
}

TEST(DecompressorTest, PlainDataNeedsNone) {
  EXPECT_EQ(find_decompressor("tar"), nullptr);
  EXPECT_EQ(find_decompressor(""), nullptr);
}

}  // namespace
}  // namespace sockerless::test
