#include "core/quantize.h"

#include "core/complaints.h"
#include "core/model_file.h"

#include <filesystem>

namespace longlens {

void quantize(const QuantizeParams & params, const CancelToken & cancel) {
    const ModelFile file(params.input); // checks the header
    const auto output = std::filesystem::u8path(params.output);
    std::error_code error;
    if (std::filesystem::equivalent(std::filesystem::u8path(params.input), output, error)) {
        throw EngineError(ErrorCode::invalid_input, "output: expected another file than the input");
    }

    llama_model_quantize_params quantize_params = llama_model_quantize_default_params();
    quantize_params.ftype = params.type;
    quantize_params.nthread = params.n_threads;
    const auto partial = params.output + ".partial";
    const auto remove_partial = [&] { std::filesystem::remove(std::filesystem::u8path(partial), error); };

    uint32_t status = 0;
    EngineError failure(ErrorCode::cancelled, "stopped by its cancel token");
    {
        const Complaints complaints;
        // "[   1/  42] token_embd.weight - …": one line a tensor, written when no thread of the quantizer is running.
        // llama_model_quantize catches every std::exception, its own and ours, and returns.
        const LogSink::Capture watch([&](const char *, const std::string & line) {
            if (line.starts_with('[')) cancel.check();
        });
        status = llama_model_quantize(params.input.c_str(), partial.c_str(), &quantize_params);
        if (status != 0 && !cancel.is_set()) failure = complaints.as_error(ErrorCode::io_failed, params.output);
    }
    if (status != 0) {
        remove_partial();
        throw failure;
    }
    std::filesystem::rename(std::filesystem::u8path(partial), output, error);
    if (error) {
        remove_partial();
        throw EngineError(ErrorCode::io_failed, params.output + ": cannot be renamed to: " + error.message());
    }
}

} // namespace longlens
