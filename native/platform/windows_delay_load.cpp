// Delay-load hook for Windows (untested): the addon is linked against one set of DLL names, but the variant that
// `initialise` opened may be called otherwise, and node.exe may be called electron.exe. Each delayed DLL is found
// among the modules that are loaded already.
#include <windows.h>

#include <cstring>
#include <delayimp.h>
#include <psapi.h>
#include <string>
#include <vector>

namespace {

// "llama.dll" matches "llama.cuda.v0.5.0.dll", not "llama-common.dll".
bool same_library(const std::string & module, const std::string & wanted) {
    const std::string stem = wanted.substr(0, wanted.rfind('.'));
    const size_t slash = module.find_last_of("\\/");
    const std::string file = slash == std::string::npos ? module : module.substr(slash + 1);
    return file.size() > stem.size() && _strnicmp(file.c_str(), stem.c_str(), stem.size()) == 0 &&
           file[stem.size()] == '.';
}

HMODULE find_loaded(const std::string & wanted) {
    std::vector<HMODULE> modules(1024);
    DWORD n_bytes = 0;
    const DWORD capacity = static_cast<DWORD>(modules.size() * sizeof(HMODULE));
    if (!EnumProcessModules(GetCurrentProcess(), modules.data(), capacity, &n_bytes)) return nullptr;
    modules.resize((n_bytes < capacity ? n_bytes : capacity) / sizeof(HMODULE));
    for (const HMODULE module : modules) {
        char path[MAX_PATH] = {};
        GetModuleFileNameA(module, path, MAX_PATH);
        if (same_library(path, wanted)) return module;
    }
    return nullptr;
}

FARPROC WINAPI on_delay_load(unsigned event, DelayLoadInfo * info) {
    if (event != dliNotePreLoadLibrary) return nullptr;
    if (_stricmp(info->szDll, "node.exe") == 0) return reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
    return reinterpret_cast<FARPROC>(find_loaded(info->szDll));
}

} // namespace

extern "C" const PfnDliHook __pfnDliNotifyHook2 = on_delay_load;
