#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace longlens {

/// A sequence's state as bytes, in memory or in a file. llama.cpp trusts what it restores, and garbage can end the
/// process, so everything is checked before it sees a byte.
///
/// All numbers little-endian:
///   0  8 bytes  "LLSTATE\0"
///   8  u32      version, 1
///  12  u32      n_vocab
///  16  u64      XXH64 of the key (e.g. the model's hash)
///  24  u64      n_tokens
///  32  u64      length of llama's own state, bytes
///  40  u64      XXH64 of the bytes before this number and of everything after it
///  48           logits of the last position, f32 [n_vocab]; then llama's state. Neither when n_tokens is 0.
struct StateHeader {
    uint32_t n_vocab = 0;
    uint64_t key_hash = 0;
    uint64_t n_tokens = 0;
    uint64_t state_bytes = 0;
};

constexpr size_t state_header_bytes = 48;

uint64_t hash_key(const std::string & key);

/// Bytes of the whole thing, header included.
uint64_t sealed_bytes(const StateHeader & header);

/// Where the logits and llama's state go, or are, in a buffer of sealed_bytes().
std::span<uint8_t> logits_part(const StateHeader & header, std::span<uint8_t> sealed);
std::span<uint8_t> llama_part(const StateHeader & header, std::span<uint8_t> sealed);

/// Writes the header and the checksum into a buffer whose other parts are filled.
void seal_state(const StateHeader & header, std::span<uint8_t> sealed);

/// Checks magic, version, key, sizes and checksum.
/// throws: state_invalid, naming what is wrong.
StateHeader check_state(std::span<const uint8_t> sealed, const std::string & key, uint32_t n_vocab);

/// Writes to a temporary name beside the file, flushes to the disk and renames. throws: io_failed.
void write_file(const std::string & path, std::span<const uint8_t> bytes);

/// Reads a file whose header fits its size. throws: io_failed, state_invalid.
std::vector<uint8_t> read_state_file(const std::string & path);

} // namespace longlens
