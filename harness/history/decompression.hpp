#pragma once

#include <string>

#include "harness/history/byte_source.hpp"
#include "harness/history/history.hpp"

namespace afterwrite {

/// The bytes of a history, and what they were packed with.
struct Unpacked {
  ByteSource bytes;
  Packing packing = Packing::none;
};

/// What gzip or zstd packed, unpacked as it is read; anything else passes through. The first bytes tell which it is,
/// not the file's name. Several members or frames in a row are one text. Holds a few buffers whatever the text's size
/// (zstd: up to 128 MiB if the packer asked for it). The source throws BadHistory for data that is damaged or cut off,
/// and for data that grows so much that it can be no history, since it would fill the memory.
Unpacked decompressed(ByteSource source, const std::string& name);

}  // namespace afterwrite
