#include "core/state_file.h"

#include "core/checksum.h"
#include "core/engine_error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

namespace longlens {

namespace {

constexpr char magic[8] = {'L', 'L', 'S', 'T', 'A', 'T', 'E', '\0'};
constexpr uint32_t version = 1;
constexpr size_t checksum_at = 40;
// No machine has this much; it keeps the sums below far from overflow.
constexpr uint64_t max_state_bytes = uint64_t{1} << 50;

template <class Number>
void put(std::span<uint8_t> bytes, size_t at, Number number) {
    std::memcpy(bytes.data() + at, &number, sizeof(number));
}

template <class Number>
Number take(std::span<const uint8_t> bytes, size_t at) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof(number));
    return number;
}

uint64_t logits_bytes(const StateHeader & header) {
    return header.n_tokens == 0 ? 0 : uint64_t{header.n_vocab} * sizeof(float);
}

uint64_t checksum(std::span<const uint8_t> sealed) {
    const uint64_t before = xxh64(sealed.first(checksum_at));
    const uint64_t after = xxh64(sealed.subspan(state_header_bytes));
    return before ^ (after * 0x9E3779B97F4A7C15);
}

[[noreturn]] void reject(const std::string & reason) {
    throw EngineError(ErrorCode::state_invalid, reason);
}

StateHeader read_header(std::span<const uint8_t> start, uint64_t n_bytes) {
    if (start.size() < state_header_bytes) reject("too short for a saved state");
    if (std::memcmp(start.data(), magic, sizeof(magic)) != 0) reject("not a saved state");
    const auto found_version = take<uint32_t>(start, 8);
    if (found_version != version) {
        reject("expected version " + std::to_string(version) + ", got " + std::to_string(found_version));
    }
    StateHeader header;
    header.n_vocab = take<uint32_t>(start, 12);
    header.key_hash = take<uint64_t>(start, 16);
    header.n_tokens = take<uint64_t>(start, 24);
    header.state_bytes = take<uint64_t>(start, 32);
    if (header.state_bytes > max_state_bytes || sealed_bytes(header) != n_bytes) {
        reject("expected as many bytes as its header says, got " + std::to_string(n_bytes));
    }
    return header;
}

std::string temporary_name(const std::string & path) {
#ifdef _WIN32
    return path + ".partial-" + std::to_string(_getpid());
#else
    return path + ".partial-" + std::to_string(getpid());
#endif
}

struct FileCloser {
    void operator()(std::FILE * file) const { (void)std::fclose(file); }
};

bool flush_to_disk(std::FILE * file) {
    if (std::fflush(file) != 0) return false;
#ifdef _WIN32
    return _commit(_fileno(file)) == 0;
#else
    return fsync(fileno(file)) == 0;
#endif
}

} // namespace

uint64_t hash_key(const std::string & key) {
    return xxh64({reinterpret_cast<const uint8_t *>(key.data()), key.size()});
}

uint64_t sealed_bytes(const StateHeader & header) {
    return state_header_bytes + logits_bytes(header) + header.state_bytes;
}

std::span<uint8_t> logits_part(const StateHeader & header, std::span<uint8_t> sealed) {
    return sealed.subspan(state_header_bytes, logits_bytes(header));
}

std::span<uint8_t> llama_part(const StateHeader & header, std::span<uint8_t> sealed) {
    return sealed.subspan(state_header_bytes + logits_bytes(header), header.state_bytes);
}

void seal_state(const StateHeader & header, std::span<uint8_t> sealed) {
    std::memcpy(sealed.data(), magic, sizeof(magic));
    put(sealed, 8, version);
    put(sealed, 12, header.n_vocab);
    put(sealed, 16, header.key_hash);
    put(sealed, 24, header.n_tokens);
    put(sealed, 32, header.state_bytes);
    put(sealed, checksum_at, checksum(sealed));
}

StateHeader check_state(std::span<const uint8_t> sealed, const std::string & key, uint32_t n_vocab) {
    const StateHeader header = read_header(sealed, sealed.size());
    if (header.n_vocab != n_vocab) reject("it belongs to a model with another vocabulary");
    if (header.key_hash != hash_key(key)) reject("it belongs to another model or other media");
    if (take<uint64_t>(sealed, checksum_at) != checksum(sealed)) reject("its checksum does not match: it is damaged");
    return header;
}

void write_file(const std::string & path, std::span<const uint8_t> bytes) {
    const std::string temporary = temporary_name(path);
    const auto fail = [&](const std::string & what) {
        const std::string reason = std::strerror(errno);
        std::error_code ignored;
        std::filesystem::remove(std::filesystem::u8path(temporary), ignored);
        return EngineError(ErrorCode::io_failed, path + ": " + what + ": " + reason);
    };
    errno = 0;
    std::unique_ptr<std::FILE, FileCloser> file(std::fopen(temporary.c_str(), "wb"));
    if (!file) throw fail("cannot be created");
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() || !flush_to_disk(file.get())) {
        throw fail("cannot be written");
    }
    file.reset();

    std::error_code error;
    std::filesystem::rename(std::filesystem::u8path(temporary), std::filesystem::u8path(path), error);
    if (error) {
        errno = error.value();
        throw fail("cannot be renamed to");
    }
}

std::vector<uint8_t> read_state_file(const std::string & path) {
    const auto file_path = std::filesystem::u8path(path);
    std::error_code error;
    const uint64_t n_bytes = std::filesystem::file_size(file_path, error);
    std::ifstream stream(file_path, std::ios::binary);
    if (error || !stream) throw EngineError(ErrorCode::io_failed, path + ": cannot be opened");

    // The header first: only a file that is as long as it says is worth the memory.
    std::vector<uint8_t> bytes(std::min<uint64_t>(n_bytes, state_header_bytes));
    stream.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    read_header(bytes, n_bytes);
    bytes.resize(n_bytes);
    stream.read(reinterpret_cast<char *>(bytes.data() + state_header_bytes),
                static_cast<std::streamsize>(n_bytes - state_header_bytes));
    if (!stream) throw EngineError(ErrorCode::io_failed, path + ": cannot be read to its end");
    return bytes;
}

} // namespace longlens
