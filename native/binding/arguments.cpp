#include "binding/arguments.h"

#include "binding/cancel_token_binding.h"
#include "core/engine_error.h"

#include <cmath>
#include <cstring>

namespace longlens {

namespace {

std::string describe(Napi::Value value) {
    switch (value.Type()) {
    case napi_number:
        return value.ToString().Utf8Value();
    case napi_boolean:
        return value.As<Napi::Boolean>() ? "true" : "false";
    case napi_string:
        return "a string";
    case napi_undefined:
        return "nothing";
    case napi_null:
        return "null";
    case napi_function:
        return "a function";
    case napi_object:
        return value.IsArray() ? "an array" : "an object";
    default:
        return "something else";
    }
}

template <class Element>
std::vector<Element> read_typed_array(Napi::Value value, const std::string & name, napi_typedarray_type type,
                                      const char * expected) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
        reject_argument(name, expected, value);
    }
    const auto array = value.As<Napi::TypedArrayOf<Element>>();
    std::vector<Element> copy(array.ElementLength());
    if (!copy.empty()) std::memcpy(copy.data(), array.Data(), copy.size() * sizeof(Element));
    return copy;
}

template <class Array, class Element>
Array to_typed_array(Napi::Env env, const std::vector<Element> & values) {
    Array array = Array::New(env, values.size());
    if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(Element));
    return array;
}

Napi::Array as_array(Napi::Value value, const std::string & name) {
    if (!value.IsArray()) reject_argument(name, "an array", value);
    const auto array = value.As<Napi::Array>();
    if (array.Length() > 65536)
        reject_argument(name, "at most 65536 elements", Napi::Number::New(value.Env(), array.Length()));
    return array;
}

std::string element_name(const std::string & name, uint32_t i) {
    return name + "[" + std::to_string(i) + "]";
}

} // namespace

void reject_argument(const std::string & name, const std::string & expected, Napi::Value got) {
    throw EngineError(ErrorCode::invalid_input, name + ": expected " + expected + ", got " + describe(got));
}

int64_t read_integer(Napi::Value value, const std::string & name, int64_t min, int64_t max) {
    const std::string expected = "an integer of " + std::to_string(min) + " to " + std::to_string(max);
    if (!value.IsNumber()) reject_argument(name, expected, value);
    const double number = value.As<Napi::Number>().DoubleValue();
    // Also false for NaN.
    const bool fits = number >= static_cast<double>(min) && number <= static_cast<double>(max);
    if (!fits || std::floor(number) != number) reject_argument(name, expected, value);
    return static_cast<int64_t>(number);
}

double read_number(Napi::Value value, const std::string & name, double min, double max) {
    const std::string expected = "a number of " + std::to_string(min) + " to " + std::to_string(max);
    if (!value.IsNumber()) reject_argument(name, expected, value);
    const double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= min && number <= max)) reject_argument(name, expected, value);
    return number;
}

bool read_flag(Napi::Value value, const std::string & name) {
    if (!value.IsBoolean()) reject_argument(name, "true or false", value);
    return value.As<Napi::Boolean>();
}

std::string read_text(Napi::Value value, const std::string & name) {
    if (!value.IsString()) reject_argument(name, "a string", value);
    std::string text = value.As<Napi::String>().Utf8Value();
    if (text.find('\0') != std::string::npos) reject_argument(name, "a string without NUL characters", value);
    return text;
}

std::string read_path(Napi::Value value, const std::string & name) {
    std::string text = read_text(value, name);
    if (text.empty()) reject_argument(name, "a string that is not empty", value);
    return text;
}

std::vector<std::string> read_texts(Napi::Value value, const std::string & name) {
    const Napi::Array array = as_array(value, name);
    std::vector<std::string> texts;
    for (uint32_t i = 0; i < array.Length(); i++)
        texts.push_back(read_text(array.Get(i), element_name(name, i)));
    return texts;
}

std::vector<double> read_numbers(Napi::Value value, const std::string & name, double min, double max) {
    const Napi::Array array = as_array(value, name);
    std::vector<double> numbers;
    for (uint32_t i = 0; i < array.Length(); i++)
        numbers.push_back(read_number(array.Get(i), element_name(name, i), min, max));
    return numbers;
}

std::vector<int32_t> read_int32_array(Napi::Value value, const std::string & name) {
    return read_typed_array<int32_t>(value, name, napi_int32_array, "an Int32Array");
}

std::vector<float> read_float32_array(Napi::Value value, const std::string & name) {
    return read_typed_array<float>(value, name, napi_float32_array, "a Float32Array");
}

std::vector<uint8_t> read_bytes(Napi::Value value, const std::string & name) {
    return read_typed_array<uint8_t>(value, name, napi_uint8_array, "a Uint8Array");
}

CancelFlag read_cancel_token(Napi::Value value, const std::string & name) {
    if (value.IsUndefined()) return nullptr;
    CancelFlag flag = cancel_flag_of(value);
    if (!flag) reject_argument(name, "a token of createCancelToken() or nothing", value);
    return flag;
}

Napi::Function read_callback(Napi::Value value, const std::string & name) {
    if (value.IsUndefined()) return {};
    if (!value.IsFunction()) reject_argument(name, "a function or nothing", value);
    return value.As<Napi::Function>();
}

ObjectReader::ObjectReader(Napi::Value value, std::string name) : name_(std::move(name)) {
    if (!value.IsObject() || value.IsArray() || value.IsFunction()) reject_argument(name_, "an object", value);
    object_ = value.As<Napi::Object>();
}

Napi::Float32Array to_float32_array(Napi::Env env, const std::vector<float> & values) {
    return to_typed_array<Napi::Float32Array>(env, values);
}

Napi::Int32Array to_int32_array(Napi::Env env, const std::vector<int32_t> & values) {
    return to_typed_array<Napi::Int32Array>(env, values);
}

Napi::Uint8Array to_uint8_array(Napi::Env env, const std::vector<uint8_t> & values) {
    return to_typed_array<Napi::Uint8Array>(env, values);
}

} // namespace longlens
