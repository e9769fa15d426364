#pragma once

#include <cstdint>
#include <span>

namespace longlens {

/// XXH64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). Finds damage, not malice.
uint64_t xxh64(std::span<const uint8_t> bytes);

} // namespace longlens
