#include "core/model_file.h"

#include "core/engine_error.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace longlens {

namespace {

// Larger values than any model has. Products of three and more are checked where they are taken.
constexpr int64_t max_dimension = 1 << 24;
constexpr int64_t max_layers = 1024;

} // namespace

int64_t ModelShape::n_mamba_layers() const {
    return static_cast<int64_t>(std::count(n_head_kv.begin(), n_head_kv.end(), 0));
}

ModelFile::ModelFile(std::string path) : path_(std::move(path)) {
    if (!std::ifstream(std::filesystem::u8path(path_), std::ios::binary)) {
        throw EngineError(ErrorCode::io_failed, path_ + ": cannot be opened");
    }
    ggml_context * tensors = nullptr;
    const gguf_init_params params = {/*.no_alloc =*/true, /*.ctx =*/&tensors};
    header_.reset(gguf_init_from_file(path_.c_str(), params));
    tensors_.reset(tensors);
    if (!header_) throw EngineError(ErrorCode::model_invalid, path_ + ": expected a GGUF file, its header is damaged");
    read_shape();
}

int64_t ModelFile::find(const std::string & key) const {
    const int64_t id = gguf_find_key(header_.get(), key.c_str());
    if (id < 0) throw EngineError(ErrorCode::model_invalid, path_ + ": the key " + key + " is missing");
    return id;
}

int64_t ModelFile::integer(const std::string & key) const {
    const int64_t id = find(key);
    if (gguf_get_kv_type(header_.get(), id) != GGUF_TYPE_UINT32) {
        throw EngineError(ErrorCode::model_invalid, path_ + ": expected an unsigned 32-bit integer in " + key);
    }
    const int64_t value = gguf_get_val_u32(header_.get(), id);
    if (value < 1 || value > max_dimension) {
        throw EngineError(ErrorCode::model_invalid,
                          path_ + ": " + key + " is " + std::to_string(value) + ", which no model has");
    }
    return value;
}

std::vector<int64_t> ModelFile::by_layer(const std::string & key, int64_t n_layer) const {
    const int64_t id = find(key);
    const auto reject = [&](const std::string & expected) {
        return EngineError(ErrorCode::model_invalid, path_ + ": expected " + expected + " in " + key);
    };
    if (gguf_get_kv_type(header_.get(), id) != GGUF_TYPE_ARRAY) {
        return std::vector<int64_t>(static_cast<size_t>(n_layer), integer(key));
    }
    const gguf_type type = gguf_get_arr_type(header_.get(), id);
    if (type != GGUF_TYPE_UINT32 && type != GGUF_TYPE_INT32) throw reject("32-bit integers");
    if (gguf_get_arr_n(header_.get(), id) != static_cast<size_t>(n_layer)) throw reject("one number a layer");

    const auto * values = static_cast<const int32_t *>(gguf_get_arr_data(header_.get(), id));
    std::vector<int64_t> numbers(values, values + n_layer);
    for (const int64_t number : numbers) {
        if (number < 0 || number > max_dimension) throw reject("numbers of heads");
    }
    return numbers;
}

void ModelFile::read_shape() {
    const int64_t name = find("general.architecture");
    const std::string architecture =
        gguf_get_kv_type(header_.get(), name) == GGUF_TYPE_STRING ? gguf_get_val_str(header_.get(), name) : "";
    if (architecture != "jamba") {
        throw EngineError(ErrorCode::model_unsupported,
                          path_ + ": expected the architecture jamba, got \"" + architecture + "\"");
    }
    shape_.n_layer = integer("jamba.block_count");
    if (shape_.n_layer > max_layers) throw EngineError(ErrorCode::model_invalid, path_ + ": too many layers");
    shape_.n_embd = integer("jamba.embedding_length");
    const int64_t n_head = integer("jamba.attention.head_count");
    shape_.n_embd_head = shape_.n_embd / n_head;
    shape_.n_head_kv = by_layer("jamba.attention.head_count_kv", shape_.n_layer);
    shape_.d_conv = integer("jamba.ssm.conv_kernel");
    shape_.d_inner = integer("jamba.ssm.inner_size");
    shape_.d_state = integer("jamba.ssm.state_size");

    const int64_t tensor = gguf_find_tensor(header_.get(), "token_embd.weight");
    if (tensor < 0) throw EngineError(ErrorCode::model_invalid, path_ + ": the tensor token_embd.weight is missing");
    const int64_t * ne = gguf_get_tensor_ne(header_.get(), tensor);
    if (ne[0] != shape_.n_embd || ne[2] != 1 || ne[3] != 1) {
        throw EngineError(ErrorCode::model_invalid, path_ + ": token_embd.weight does not have the model's width");
    }
    shape_.n_vocab = ne[1];

    // llama.cpp's graphs assert these.
    if (shape_.d_inner != 2 * shape_.n_embd) {
        throw EngineError(ErrorCode::model_unsupported,
                          path_ + ": expected jamba.ssm.inner_size to be twice the width, got " +
                              std::to_string(shape_.d_inner) + " for " + std::to_string(shape_.n_embd));
    }
    if (shape_.n_mamba_layers() == 0 || shape_.n_mamba_layers() == shape_.n_layer) {
        throw EngineError(ErrorCode::model_unsupported, path_ + ": expected both Mamba and attention layers");
    }
    if (shape_.n_embd % n_head != 0) {
        throw EngineError(ErrorCode::model_invalid, path_ + ": the heads do not divide the width");
    }
    for (int64_t i = 0; i < gguf_get_n_tensors(header_.get()); i++)
        shape_.tensor_bytes += gguf_get_tensor_size(header_.get(), i);
}

EmbeddingTable::EmbeddingTable(const ModelFile & file)
    : path_(file.path()), stream_(std::filesystem::u8path(file.path()), std::ios::binary) {
    const gguf_context * header = &file.header();
    const int64_t tensor = gguf_find_tensor(header, "token_embd.weight");
    type_ = gguf_get_tensor_type(header, tensor);
    offset_ = gguf_get_data_offset(header) + gguf_get_tensor_offset(header, tensor);
    stored_row_.resize(ggml_row_size(type_, file.shape().n_embd));
    if (type_ != GGML_TYPE_F32 && ggml_get_type_traits(type_)->to_float == nullptr) {
        throw EngineError(ErrorCode::model_unsupported,
                          path_ + ": token_embd.weight of type " + ggml_type_name(type_) + " cannot be read");
    }
}

void EmbeddingTable::look_up(int32_t token, std::span<float> row) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset_ + static_cast<uint64_t>(token) * stored_row_.size()));
    if (!stream_.read(stored_row_.data(), static_cast<std::streamsize>(stored_row_.size()))) {
        throw EngineError(ErrorCode::io_failed,
                          path_ + ": cannot read row " + std::to_string(token) + " of token_embd.weight");
    }
    if (type_ == GGML_TYPE_F32) {
        std::memcpy(row.data(), stored_row_.data(), stored_row_.size());
    } else {
        ggml_get_type_traits(type_)->to_float(stored_row_.data(), row.data(), static_cast<int64_t>(row.size()));
    }
}

} // namespace longlens
