#include "core/vision_file.h"

#include "core/engine_error.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

namespace longlens {

namespace {

std::filesystem::path to_file_path(const std::string & utf8) {
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

std::string to_string(const std::vector<int64_t> & shape) {
    std::string text = "[";
    for (size_t i = 0; i < shape.size(); i++) {
        if (i > 0) text += ", ";
        text += std::to_string(shape[i]);
    }
    return text + "]";
}

enum class TensorKind {
    vector,      // norms, biases, embeddings: F32
    matrix,      // any type ggml multiplies with
    convolution, // a matrix that is laid out anew when it is loaded: a float type
};

bool is_type_allowed(TensorKind kind, ggml_type type) {
    const bool is_float = type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16;
    // ggml quantizes the other factor of a product to these; it has no product with weights of them.
    const bool is_of_factors = type == GGML_TYPE_Q8_1 || type == GGML_TYPE_Q8_K;
    switch (kind) {
    case TensorKind::vector:
        return type == GGML_TYPE_F32;
    case TensorKind::matrix:
        return is_float || (ggml_is_quantized(type) && !is_of_factors);
    case TensorKind::convolution:
        return is_float;
    }
    return false;
}

class TensorChecker {
public:
    TensorChecker(const VisionFile & file, uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {}

    /// shape: in ggml order.
    void check(const std::string & name, TensorKind kind, const std::vector<int64_t> & shape) const {
        const ggml_tensor * tensor = ggml_get_tensor(file_.tensors.get(), name.c_str());
        if (!tensor) fail(name, "the tensor is missing");
        std::vector<int64_t> found(tensor->ne, tensor->ne + ggml_n_dims(tensor));
        found.resize(std::max(found.size(), shape.size()), 1); // ggml drops trailing ones
        if (found != shape) fail(name, "expected the shape " + to_string(shape) + ", got " + to_string(found));
        if (!is_type_allowed(kind, tensor->type)) {
            throw EngineError(ErrorCode::model_unsupported, file_.path + ": " + name + ": the type " +
                                                                ggml_type_name(tensor->type) +
                                                                " is not supported for this tensor");
        }
        check_place(name, *tensor);
    }

    /// q, k and v are loaded as one matrix.
    void check_same_type(const std::string & first, std::initializer_list<std::string> others) const {
        for (const std::string & other : others) {
            if (file_.tensor(other)->type == file_.tensor(first)->type) continue;
            throw EngineError(ErrorCode::model_unsupported, file_.path + ": " + other + ": expected the type of " +
                                                                first + ", " +
                                                                ggml_type_name(file_.tensor(first)->type) + ", got " +
                                                                ggml_type_name(file_.tensor(other)->type));
        }
    }

private:
    void check_place(const std::string & name, const ggml_tensor & tensor) const {
        const int64_t id = gguf_find_tensor(file_.header.get(), name.c_str());
        const uint64_t start = gguf_get_data_offset(file_.header.get());
        const uint64_t offset = gguf_get_tensor_offset(file_.header.get(), id);
        const uint64_t bytes = ggml_nbytes(&tensor);
        if (start > file_bytes_ || offset > file_bytes_ - start || bytes > file_bytes_ - start - offset) {
            fail(name, "its data ends after the end of the file");
        }
    }

    [[noreturn]] void fail(const std::string & name, const std::string & problem) const {
        throw EngineError(ErrorCode::model_invalid, file_.path + ": " + name + ": " + problem);
    }

    const VisionFile & file_;
    uint64_t file_bytes_;
};

void check_block(const TensorChecker & checker, const VisionConfig & config, int64_t block) {
    const auto name = [block](const char * part) { return block_tensor_name(block, part); };
    const int64_t width = config.embedding_length;
    const int64_t feed_forward = config.feed_forward_length;
    for (const char * norm : {"ln1", "ln2"}) {
        checker.check(name(norm) + ".weight", TensorKind::vector, {width});
        checker.check(name(norm) + ".bias", TensorKind::vector, {width});
    }
    for (const char * projection : {"attn_q", "attn_k", "attn_v", "attn_out"}) {
        checker.check(name(projection) + ".weight", TensorKind::matrix, {width, width});
        checker.check(name(projection) + ".bias", TensorKind::vector, {width});
    }
    checker.check_same_type(name("attn_q.weight"), {name("attn_k.weight"), name("attn_v.weight")});
    checker.check(name("ffn_up.weight"), TensorKind::matrix, {width, feed_forward});
    checker.check(name("ffn_up.bias"), TensorKind::vector, {feed_forward});
    checker.check(name("ffn_down.weight"), TensorKind::matrix, {feed_forward, width});
    checker.check(name("ffn_down.bias"), TensorKind::vector, {width});
}

void check_tensors(const TensorChecker & checker, const VisionConfig & config) {
    const int64_t patch = config.patch_size;
    const int64_t width = config.embedding_length;
    const int64_t projection = config.projection_length;
    checker.check("v.patch_embd.weight", TensorKind::convolution, {patch, patch, 3, width});
    checker.check("v.position_embd.weight", TensorKind::vector, {width, config.n_positions()});
    if (config.has_class_embedding) checker.check("v.class_embd", TensorKind::vector, {width});
    checker.check("v.pre_ln.weight", TensorKind::vector, {width});
    checker.check("v.pre_ln.bias", TensorKind::vector, {width});
    for (int64_t block = 0; block < config.block_count; block++)
        check_block(checker, config, block);
    checker.check("mm.0.weight", TensorKind::matrix, {width, projection});
    checker.check("mm.0.bias", TensorKind::vector, {projection});
    checker.check("mm.2.weight", TensorKind::matrix, {projection, projection});
    checker.check("mm.2.bias", TensorKind::vector, {projection});
}

} // namespace

const ggml_tensor * VisionFile::tensor(const std::string & name) const {
    return ggml_get_tensor(tensors.get(), name.c_str());
}

bool VisionFile::fits_panels() const {
    for (ggml_tensor * tensor = ggml_get_first_tensor(tensors.get()); tensor;
         tensor = ggml_get_next_tensor(tensors.get(), tensor)) {
        if (ggml_is_quantized(tensor->type) && tensor->type != GGML_TYPE_Q8_0) return false;
    }
    return true;
}

std::string block_tensor_name(int64_t block, const char * part) {
    return "v.blk." + std::to_string(block) + "." + part;
}

VisionFile open_vision_file(const std::string & path) {
    std::error_code problem;
    const uint64_t file_bytes = std::filesystem::file_size(to_file_path(path), problem);
    if (problem) throw EngineError(ErrorCode::io_failed, path + ": " + problem.message());

    VisionFile file;
    file.path = path;
    ggml_context * tensors = nullptr;
    file.header.reset(gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = &tensors}));
    file.tensors.reset(tensors);
    if (!file.header) throw EngineError(ErrorCode::model_invalid, path + ": not a readable GGUF file");
    file.config = read_vision_config(*file.header, path);
    check_tensors(TensorChecker(file, file_bytes), file.config);
    return file;
}

VisionTensorReader::VisionTensorReader(const VisionFile & file)
    : file_(file), stream_(to_file_path(file.path), std::ios::binary) {
    if (!stream_) throw EngineError(ErrorCode::io_failed, file.path + ": cannot be opened");
}

std::vector<uint8_t> VisionTensorReader::bytes(const std::string & name) {
    const int64_t id = gguf_find_tensor(file_.header.get(), name.c_str());
    std::vector<uint8_t> data(ggml_nbytes(file_.tensor(name)));
    stream_.seekg(static_cast<std::streamoff>(gguf_get_data_offset(file_.header.get()) +
                                              gguf_get_tensor_offset(file_.header.get(), id)));
    stream_.read(reinterpret_cast<char *>(data.data()), static_cast<std::streamsize>(data.size()));
    if (!stream_) throw EngineError(ErrorCode::io_failed, file_.path + ": " + name + ": its data cannot be read");
    return data;
}

std::vector<float> VisionTensorReader::floats(const std::string & name) {
    const ggml_tensor * tensor = file_.tensor(name);
    const std::vector<uint8_t> data = bytes(name);
    std::vector<float> values(static_cast<size_t>(ggml_nelements(tensor)));
    if (tensor->type == GGML_TYPE_F32) {
        std::copy_n(reinterpret_cast<const float *>(data.data()), values.size(), values.data());
    } else {
        ggml_get_type_traits(tensor->type)->to_float(data.data(), values.data(), ggml_nelements(tensor));
    }
    return values;
}

} // namespace longlens
