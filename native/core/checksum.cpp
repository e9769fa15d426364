#include "core/checksum.h"

#include <array>
#include <bit>
#include <cstring>

namespace longlens {

namespace {

constexpr uint64_t prime_1 = 0x9E3779B185EBCA87;
constexpr uint64_t prime_2 = 0xC2B2AE3D27D4EB4F;
constexpr uint64_t prime_3 = 0x165667B19E3779F9;
constexpr uint64_t prime_4 = 0x85EBCA77C2B2AE63;
constexpr uint64_t prime_5 = 0x27D4EB2F165667C5;

// The format is little-endian, like every machine we run on.
template <class Word>
uint64_t read_word(const uint8_t * bytes) {
    Word word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    return word;
}

uint64_t round_lane(uint64_t lane, uint64_t word) {
    return std::rotl(lane + word * prime_2, 31) * prime_1;
}

uint64_t mix_tail(uint64_t hash, const uint8_t * at, const uint8_t * end) {
    for (; end - at >= 8; at += 8)
        hash = std::rotl(hash ^ round_lane(0, read_word<uint64_t>(at)), 27) * prime_1 + prime_4;
    for (; end - at >= 4; at += 4)
        hash = std::rotl(hash ^ (read_word<uint32_t>(at) * prime_1), 23) * prime_2 + prime_3;
    for (; at != end; at++)
        hash = std::rotl(hash ^ (*at * prime_5), 11) * prime_1;
    return hash;
}

} // namespace

uint64_t xxh64(std::span<const uint8_t> bytes) {
    const uint8_t * at = bytes.data();
    const uint8_t * const end = at + bytes.size();
    uint64_t hash = prime_5;
    if (bytes.size() >= 32) {
        std::array<uint64_t, 4> lanes = {prime_1 + prime_2, prime_2, 0, 0 - prime_1};
        for (; end - at >= 32; at += 32) {
            for (size_t i = 0; i < lanes.size(); i++)
                lanes[i] = round_lane(lanes[i], read_word<uint64_t>(at + 8 * i));
        }
        hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
        for (const uint64_t lane : lanes)
            hash = (hash ^ round_lane(0, lane)) * prime_1 + prime_4;
    }
    hash = mix_tail(hash + bytes.size(), at, end);
    hash = (hash ^ (hash >> 33)) * prime_2;
    hash = (hash ^ (hash >> 29)) * prime_3;
    return hash ^ (hash >> 32);
}

} // namespace longlens
