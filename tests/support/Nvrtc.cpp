// SPDX-License-Identifier: MIT
#include "support/Nvrtc.h"

#include <dlfcn.h>
#include <map>
#include <nvrtc.h>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace equivariant::test {

namespace {

using EquivariantPlugin::DevicePrecision;
using EquivariantPlugin::KernelText;

void* open(const std::string& library) {
    return dlopen(library.c_str(), RTLD_LAZY | RTLD_GLOBAL);
}

const std::string& stringAt(void* library, const std::string& name) {
    const void* symbol = dlsym(
        library, ("_ZN6OpenMM17CudaKernelSources" + std::to_string(name.size()) + name + "B5cxx11E")
                     .c_str());
    if (!symbol)
        throw std::runtime_error("OpenMM's CUDA library has no text " + name);
    return *static_cast<const std::string*>(symbol);
}

/// The macros of CudaContext that the kernels use, and its types.
std::string defineTypes(DevicePrecision precision) {
    const std::string real = precision.realIsDouble ? "double" : "float";
    const std::string mixed = precision.mixedIsDouble ? "double" : "float";
    const std::string suffix = precision.realIsDouble ? "" : "f";
    std::ostringstream text;
    if (precision.realIsDouble)
        text << "#define USE_DOUBLE_PRECISION 1\n";
    else if (precision.mixedIsDouble)
        text << "#define USE_MIXED_PRECISION 1\n";
    for (const char* function : {"SQRT", "RSQRT", "EXP", "LOG", "POW", "COS", "SIN", "ERF"}) {
        text << "#define " << function << " ";
        for (const char* c = function; *c; c++)
            text << static_cast<char>(std::tolower(*c));
        text << suffix << "\n";
    }
    text << "#define RECIP 1.0" << suffix << "/\n#define SYNC_WARPS __syncwarp();\n";
    for (const char* count : {"2", "3", "4"}) {
        text << "#define make_real" << count << " make_" << real << count << "\n#define make_mixed"
             << count << " make_" << mixed << count << "\ntypedef " << real << count << " real"
             << count << ";\ntypedef " << mixed << count << " mixed" << count << ";\n";
    }
    text << "typedef " << real << " real;\ntypedef " << mixed
         << " mixed;\ntypedef unsigned int tileflags;\n";
    return text.str();
}

void check(nvrtcResult result) {
    if (result != NVRTC_SUCCESS)
        throw std::runtime_error(nvrtcGetErrorString(result));
}

std::vector<CompiledKernel> readReport(const std::string& log) {
    std::vector<CompiledKernel> kernels;
    std::istringstream lines(log);
    const auto number = [](const std::string& line, const char* pattern) {
        std::smatch match;
        return std::regex_search(line, match, std::regex(pattern)) ? std::stoi(match[1]) : 0;
    };
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_search(line, match, std::regex("entry function '(\\w+)'"))) {
            kernels.emplace_back();
            kernels.back().name = match[1];
        } else if (!kernels.empty() && line.find("stack frame") != std::string::npos) {
            kernels.back().stackBytes = number(line, "(\\d+) bytes stack");
            kernels.back().spillBytes = number(line, "(\\d+) bytes spill stores");
        } else if (!kernels.empty() && line.find("registers") != std::string::npos) {
            kernels.back().registers = number(line, "Used (\\d+) registers");
            kernels.back().sharedBytes = number(line, "(\\d+) bytes smem");
        }
    }
    return kernels;
}

} // namespace

std::string loadOpenMMPrelude(const std::string& library, const std::string& stubFolder) {
    // The text needs neither a driver nor FFT: empty libraries stand in where they are absent.
    for (const char* needed : {"libcuda.so.1", "libcufft.so.12"})
        if (!open(needed) && !open(stubFolder + "/" + needed))
            throw std::runtime_error(dlerror());
    void* opened = open(library);
    if (!opened)
        throw std::runtime_error(dlerror());
    return stringAt(opened, "common") + "\n" + stringAt(opened, "vectorOps") + "\n";
}

std::vector<CompiledKernel> compileForCuda(const std::string& prelude, const KernelText& text,
                                           DevicePrecision precision,
                                           const std::string& architecture) {
    std::string source = defineTypes(precision) + prelude;
    for (const auto& [name, value] : text.defines)
        source += "#define " + name + " " + value + "\n";
    source += text.source;
    nvrtcProgram program;
    check(nvrtcCreateProgram(&program, source.c_str(), text.kernel.c_str(), 0, nullptr, nullptr));
    const std::string target = "-arch=" + architecture;
    const char* options[] = {target.c_str(), "--use_fast_math", "--ptxas-options=-v"};
    const nvrtcResult result = nvrtcCompileProgram(program, 3, options);
    std::size_t size = 0;
    check(nvrtcGetProgramLogSize(program, &size));
    std::string log(size, '\0');
    check(nvrtcGetProgramLog(program, log.data()));
    check(nvrtcDestroyProgram(&program));
    if (result != NVRTC_SUCCESS)
        throw std::runtime_error(log);
    return readReport(log);
}

} // namespace equivariant::test
