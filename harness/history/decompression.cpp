#include "harness/history/decompression.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <utility>
#include <vector>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "harness/history/bad_history.hpp"

namespace afterwrite {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view gzip_magic = "\x1f\x8b"sv;
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd"sv;
constexpr std::size_t chunk = 256U << 10U;

/// Histories shrink to a tenth, the most regular ones to a fiftieth. What shrinks further was made to fill a disk.
constexpr std::uint64_t most_growth = 250;
constexpr std::uint64_t harmless_bytes = 256U << 20U;

/// The packed bytes, a chunk at a time, and the account of how much came out of them.
class Packed {
 public:
  Packed(ByteSource source, std::string name, std::string_view packer)
      : source_(std::move(source)), name_(std::move(name)), packer_(packer), buffer_(chunk) {}

  /// The bytes that were not used yet, more of them if there are none; empty at the end.
  std::string_view rest() {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = source_(buffer_.data(), buffer_.size());
      taken_ += end_;
    }
    return {buffer_.data() + begin_, end_ - begin_};
  }

  void use(std::size_t bytes) { begin_ += bytes; }

  void give(std::size_t bytes) {
    given_ += bytes;
    if (given_ > harmless_bytes && given_ / most_growth > taken_) {
      throw BadHistory(
          fmt::format("{}: {} bytes of {} grow to more than {}; no history shrinks that much: unpack it yourself "
                      "if it is one",
                      name_, taken_, packer_, given_));
    }
  }

  [[noreturn]] void cut_off() const {
    throw BadHistory(fmt::format("{}: the {} data is cut off; unpack what there is of it into a file and name that",
                                 name_, packer_));
  }

  [[noreturn]] void too_wide() const {
    throw BadHistory(fmt::format("{}: the {} data needs more than 128 MiB to unpack; pack it without --long, or unpack "
                                 "it yourself",
                                 name_, packer_));
  }

  [[noreturn]] void damaged(std::string_view why) const {
    throw BadHistory(fmt::format("{}: the {} data is damaged ({}); restore the file", name_, packer_, why));
  }

 private:
  ByteSource source_;
  std::string name_;
  std::string_view packer_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
};

class Gunzip {
 public:
  explicit Gunzip(Packed packed) : packed_(std::move(packed)) {
    constexpr int gzip_wrapping = 15 + 16;
    if (inflateInit2(&stream_, gzip_wrapping) != Z_OK) throw std::bad_alloc();
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() { inflateEnd(&stream_); }

  std::size_t read(char* buffer, std::size_t size) {
    std::size_t got = 0;
    while (got == 0 && !ended_) {
      const std::string_view rest = packed_.rest();
      if (between_members_ && !begin_member(rest)) continue;
      got = inflate_some(rest, buffer, size);
      // Without input there may still be some that did not fit into the last buffer.
      if (got == 0 && rest.empty() && !between_members_) packed_.cut_off();
    }
    packed_.give(got);
    return got;
  }

 private:
  /// False if there is nothing to unpack yet: the end, or the padding that tapes leave.
  bool begin_member(std::string_view rest) {
    if (rest.empty()) {
      ended_ = true;
      return false;
    }
    if (rest.front() == '\0') {
      packed_.use(1);
      return false;
    }
    if (rest.front() != gzip_magic.front()) packed_.damaged("something else follows its end");
    inflateReset(&stream_);
    between_members_ = false;
    return true;
  }

  std::size_t inflate_some(std::string_view rest, char* buffer, std::size_t size) {
    // zlib does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
    stream_.avail_in = static_cast<uInt>(rest.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    const auto room = static_cast<uInt>(std::min(size, chunk));
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    packed_.use(rest.size() - stream_.avail_in);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) {
      between_members_ = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      packed_.damaged(stream_.msg != nullptr ? stream_.msg : "no message");
    }
    return room - stream_.avail_out;
  }

  Packed packed_;
  z_stream stream_{};
  bool between_members_ = false;
  bool ended_ = false;
};

class Unzstd {
 public:
  explicit Unzstd(Packed packed) : packed_(std::move(packed)), stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }

  std::size_t read(char* buffer, std::size_t size) {
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      const std::string_view rest = packed_.rest();
      if (rest.empty() && !inside_frame_) return 0;
      ZSTD_inBuffer in{rest.data(), rest.size(), 0};
      const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) packed_.too_wide();
      if (ZSTD_isError(result) != 0U) packed_.damaged(ZSTD_getErrorName(result));
      packed_.use(in.pos);
      if (rest.empty() && out.pos == 0) packed_.cut_off();
      inside_frame_ = result != 0;
    }
    packed_.give(out.pos);
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  Packed packed_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool inside_frame_ = true;
};

template <typename Unpacker>
ByteSource unpacking(Packed packed) {
  return [unpacker = std::make_shared<Unpacker>(std::move(packed))](char* buffer, std::size_t size) {
    return unpacker->read(buffer, size);
  };
}

}  // namespace

Unpacked decompressed(ByteSource source, const std::string& name) {
  Beginning beginning(std::move(source), zstd_magic.size());
  const std::string first(beginning.bytes());
  ByteSource all = std::move(beginning).all();
  if (first.starts_with(gzip_magic)) return {unpacking<Gunzip>(Packed(std::move(all), name, "gzip")), Packing::gzip};
  if (first.starts_with(zstd_magic)) return {unpacking<Unzstd>(Packed(std::move(all), name, "zstd")), Packing::zstd};
  return {std::move(all)};
}

}  // namespace afterwrite
