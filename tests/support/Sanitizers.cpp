// SPDX-License-Identifier: MIT
//
// What the leak sanitizer is not to report in a test program; unused in other builds. Compiled in,
// because the programs also run while they are built, to list their tests.

/// OpenMM keeps its platforms and proxies, and the proxies that it is given, until the end.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libOpenMM.so\nleak:RegisterProxies.cpp\n";
}

extern "C" const char* __lsan_default_options() {
    return "print_suppressions=0";
}
