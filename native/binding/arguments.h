#pragma once

#include "core/cancel_token.h"

#include <cstdint>
#include <napi.h>
#include <string>
#include <vector>

namespace longlens {

/// Checked reading of what JavaScript hands over. Everything is copied. Each function throws invalid_input, with
/// the argument's name, what was expected and what came.

/// "params.threads: expected an integer of 1 to 512, got NaN".
[[noreturn]] void reject_argument(const std::string & name, const std::string & expected, Napi::Value got);

int64_t read_integer(Napi::Value value, const std::string & name, int64_t min, int64_t max);
/// Finite, within [min, max].
double read_number(Napi::Value value, const std::string & name, double min, double max);
bool read_flag(Napi::Value value, const std::string & name);
/// UTF-8 without NUL bytes.
std::string read_text(Napi::Value value, const std::string & name);
/// A text that is not empty.
std::string read_path(Napi::Value value, const std::string & name);
std::vector<std::string> read_texts(Napi::Value value, const std::string & name);
std::vector<double> read_numbers(Napi::Value value, const std::string & name, double min, double max);
std::vector<int32_t> read_int32_array(Napi::Value value, const std::string & name);
std::vector<float> read_float32_array(Napi::Value value, const std::string & name);
std::vector<uint8_t> read_bytes(Napi::Value value, const std::string & name);
/// Null when undefined.
CancelFlag read_cancel_token(Napi::Value value, const std::string & name);
/// Empty when undefined.
Napi::Function read_callback(Napi::Value value, const std::string & name);

/// The properties of an object argument.
class ObjectReader {
public:
    ObjectReader(Napi::Value value, std::string name);

    Napi::Value get(const char * key) const { return object_.Get(key); }
    std::string name_of(const char * key) const { return name_ + "." + key; }

    int64_t integer(const char * key, int64_t min, int64_t max) const {
        return read_integer(get(key), name_of(key), min, max);
    }
    int32_t int32(const char * key, int32_t min, int32_t max) const {
        return static_cast<int32_t>(integer(key, min, max));
    }
    double number(const char * key, double min, double max) const {
        return read_number(get(key), name_of(key), min, max);
    }
    bool flag(const char * key) const { return read_flag(get(key), name_of(key)); }
    std::string text(const char * key) const { return read_text(get(key), name_of(key)); }
    std::string path(const char * key) const { return read_path(get(key), name_of(key)); }
    std::vector<std::string> texts(const char * key) const { return read_texts(get(key), name_of(key)); }

private:
    Napi::Object object_;
    std::string name_;
};

Napi::Float32Array to_float32_array(Napi::Env env, const std::vector<float> & values);
Napi::Int32Array to_int32_array(Napi::Env env, const std::vector<int32_t> & values);
Napi::Uint8Array to_uint8_array(Napi::Env env, const std::vector<uint8_t> & values);

} // namespace longlens
