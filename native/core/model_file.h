#pragma once

#include "ggml-cpp.h"

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace longlens {

/// Sizes that a language.gguf states of itself. Names as in llama.cpp's hparams.
struct ModelShape {
    int64_t n_layer = 0;
    int64_t n_embd = 0;
    int64_t n_vocab = 0;
    int64_t n_embd_head = 0;
    std::vector<int64_t> n_head_kv; // by layer; 0 marks a Mamba layer
    int64_t d_conv = 0;
    int64_t d_inner = 0;
    int64_t d_state = 0;
    uint64_t tensor_bytes = 0; // all weights

    int64_t n_mamba_layers() const;
};

/// The header of a language.gguf, read without its weights, and checked for what llama.cpp would abort on. The
/// strict check of a stranger's file comes before this, in TypeScript.
/// throws: io_failed (cannot be opened), model_invalid, model_unsupported.
class ModelFile {
public:
    explicit ModelFile(std::string path);

    const std::string & path() const { return path_; }
    const ModelShape & shape() const { return shape_; }
    const gguf_context & header() const { return *header_; }

private:
    int64_t integer(const std::string & key) const;
    std::vector<int64_t> by_layer(const std::string & key, int64_t n_layer) const;
    int64_t find(const std::string & key) const;
    void read_shape();

    std::string path_;
    ggml_context_ptr tensors_;
    gguf_context_ptr header_;
    ModelShape shape_;
};

/// Rows of `token_embd.weight`, read from the file when they are needed, as llama.cpp itself would look them up:
/// this is how text tokens join a batch of image embeddings.
/// Owns:   an open file. Thread: one at a time.
class EmbeddingTable {
public:
    /// throws: io_failed, model_invalid, model_unsupported (a weight type that cannot be converted).
    explicit EmbeddingTable(const ModelFile & file);

    /// token: 0 <= token < n_vocab, checked by the caller. row: [n_embd]. throws: io_failed.
    void look_up(int32_t token, std::span<float> row);

private:
    std::string path_;
    std::ifstream stream_;
    ggml_type type_ = GGML_TYPE_F32;
    uint64_t offset_ = 0; // of the first row, from the start of the file
    std::vector<char> stored_row_;
};

} // namespace longlens
