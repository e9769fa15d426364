#include "binding/cancel_token_binding.h"

namespace longlens {

namespace {

// Marks our tokens, so that an object of another kind is never unwrapped as one.
constexpr napi_type_tag token_tag = {0x6c6f6e676c656e73, 0x63616e63656c746b};

} // namespace

Napi::Value create_cancel_token(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    const CancelFlag flag = make_cancel_flag();
    Napi::Object token = Napi::Object::New(env);
    token.Set("cancel", Napi::Function::New(
                            env, [flag](const Napi::CallbackInfo &) { flag->store(true); }, "cancel"));

    auto held = std::make_unique<CancelFlag>(flag);
    const auto free_flag = [](napi_env, void * data, void *) {
        std::unique_ptr<CancelFlag>(static_cast<CancelFlag *>(data));
    };
    if (napi_wrap(env, token, held.get(), free_flag, nullptr, nullptr) != napi_ok) throw Napi::Error::New(env);
    (void)held.release(); // freed with the object
    token.TypeTag(&token_tag);
    token.Freeze();
    return token;
}

CancelFlag cancel_flag_of(Napi::Value value) {
    if (!value.IsObject()) return nullptr;
    if (!value.As<Napi::Object>().CheckTypeTag(&token_tag)) return nullptr;
    void * data = nullptr;
    if (napi_unwrap(value.Env(), value, &data) != napi_ok) return nullptr;
    return *static_cast<CancelFlag *>(data);
}

} // namespace longlens
