#include <array>
#include <cstdio>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "harness/history/decompression.hpp"
#include "tests/history/formats/complaint.hpp"

namespace afterwrite {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string gzip(std::string_view text, int level = 6) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  std::string copy(text);
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

std::string history() {
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "w(1," + std::to_string(i + 1) + ",0," + std::to_string(i) + ")\n";
  return text;
}

using Packer = std::string (*)(std::string_view);
const std::array<Packer, 2> packers{[](std::string_view text) { return gzip(text); }, zstd};

TEST(Packed, IsReadAsIfItWerePlain) {
  const std::string plain = history();
  for (const Packer pack : packers) {
    const History read = read_history_text(pack(plain), "h");
    EXPECT_EQ(read.operations.size(), 20'000U);
    EXPECT_EQ(read.operations.back().line, 20'000U);
  }
}

TEST(Packed, SeveralPartsAreOneText) {
  const std::string plain = history();
  const std::string_view text = plain;
  for (const Packer pack : packers) {
    EXPECT_EQ(read_history_text(pack(text.substr(0, 1001)) + pack("") + pack(text.substr(1001)), "h").operations.size(),
              20'000U);
  }
  EXPECT_EQ(read_history_text(gzip(plain) + std::string(1000, '\0'), "h").operations.size(), 20'000U)
      << "padding of a tape";
}

TEST(Packed, ComesInPiecesOfAnySize) {
  const std::string plain = history().substr(0, 3000);
  for (const Packer pack : packers) {
    const std::string packed = pack(plain);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
      ByteSource source =
          decompressed([all = bytes_of(packed), piece](char* buffer,
                                                       std::size_t size) { return all(buffer, std::min(size, piece)); },
                       "h").bytes;
      std::string got;
      std::array<char, 17> buffer{};
      while (const std::size_t size = source(buffer.data(), buffer.size()))
        got.append(buffer.data(), size);
      EXPECT_EQ(got, plain);
      EXPECT_EQ(source(buffer.data(), buffer.size()), 0U);
    }
  }
}

TEST(Packed, CutOffAnywhereIsSaid) {
  const std::string plain = history().substr(0, 3000);
  for (const Packer pack : packers) {
    const std::string packed = pack(plain);
    for (std::size_t size = 4; size < packed.size(); size += 5)
      EXPECT_THAT(complaint(packed.substr(0, size)), HasSubstr("cut off")) << size;
  }
}

/// zstd has no checksum unless the packer asked for one, so that damage may stay unseen: then it is another text.
TEST(Packed, DamageIsSaidOrReadsAsSomething) {
  const std::string plain = history().substr(0, 3000);
  for (const Packer pack : packers) {
    const std::string packed = pack(plain);
    for (std::size_t at = 0; at < packed.size(); at += 3) {
      std::string damaged = packed;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
      const std::string said = complaint(damaged);
      EXPECT_TRUE(said.empty() || said.starts_with("h:")) << said;
    }
  }
  std::string damaged = gzip(plain);
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  EXPECT_THAT(complaint(damaged), StartsWith("h: the gzip data is damaged"));
  EXPECT_THAT(complaint(gzip(plain) + "garbage"), StartsWith("h: the gzip data is damaged (something else follows"));
}

TEST(Packed, NestingIsNotUnpackedTwice) {
  EXPECT_NE(complaint(gzip(gzip(history()))), "");
}

/// A thousandfold: it may not be held, nor read for long.
TEST(Packed, ABombIsRefused) {
  const std::string piece = gzip(std::string(64U << 20U, '\n'), 9);
  std::string bomb;
  for (int i = 0; i < 8; ++i)
    bomb += piece;
  EXPECT_THAT(complaint(bomb), HasSubstr("no history shrinks that much"));
  EXPECT_THAT(complaint(gzip(std::string(64U << 20U, 'x'), 9)), HasSubstr("longer than"));
}

TEST(Packed, AWindowOfAGibibyteIsNoDamage) {
  // A frame's beginning is enough to tell: a window of 1 GiB, and no size of the content.
  const std::string frame("\x28\xb5\x2f\xfd\x00\xa0", 6);
  EXPECT_THAT(complaint(frame + std::string(64, '\0')), HasSubstr("--long"));
}

TEST(Packed, FromAFileWhateverItsName) {
  const std::string file = ::testing::TempDir() + "afterwrite-packed-" + std::to_string(::getpid());
  std::ofstream(file, std::ios::binary) << zstd(history());
  EXPECT_EQ(read_history(file).operations.size(), 20'000U);
  std::remove(file.c_str());
}

}  // namespace
}  // namespace afterwrite
