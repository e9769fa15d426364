#pragma once

#include "core/vision_config.h"
#include "ggml-cpp.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace longlens {

/// The path, metadata and tensor table of a vision.gguf whose tensors have been checked; no weights.
struct VisionFile {
    std::string path;
    VisionConfig config;
    gguf_context_ptr header;
    ggml_context_ptr tensors; // shapes and types only

    /// A tensor that open_vision_file() has checked.
    const ggml_tensor * tensor(const std::string & name) const;
    /// Whether our own kernels know every type in it (PanelType).
    bool fits_panels() const;
};

/// `v.blk.<block>.<part>`
std::string block_tensor_name(int64_t block, const char * part);

/// Opens the file and checks metadata and the name, shape, type and place of every tensor the tower needs.
/// throws: io_failed, model_invalid (names the key or tensor), model_unsupported.
VisionFile open_vision_file(const std::string & path);

/// Reads the tensors' data of an open file.
class VisionTensorReader {
public:
    /// throws: io_failed.
    explicit VisionTensorReader(const VisionFile & file);

    /// As stored. throws: io_failed.
    std::vector<uint8_t> bytes(const std::string & name);
    /// As 32-bit floats, whatever the stored type. throws: io_failed.
    std::vector<float> floats(const std::string & name);

private:
    const VisionFile & file_;
    std::ifstream stream_;
};

} // namespace longlens
