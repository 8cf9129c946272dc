# Every library the C++ side needs, in one place, with the version that was tested.
find_package(Eigen3 3.4 REQUIRED NO_MODULE)          # tested 3.4.0: linear algebra
find_package(nlohmann_json 3.9 REQUIRED)             # tested 3.11.2: model files, reports
find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash>=0.8)  # tested 0.8.1, header-only use
find_package(HostKokkos REQUIRED)                    # tested 3.4.1: views and threads of engine/
find_package(Threads REQUIRED)
if(EQUIVARIANT_BUILD_APPS OR EQUIVARIANT_BUILD_TOOLS)
    find_package(CLI11 2.1 REQUIRED)                 # tested 2.1.2: command line
endif()
if(EQUIVARIANT_BUILD_TRAINING)
    find_package(Torch 1.13 REQUIRED)                # tested 1.13.1, and 2.15 in C++20: autograd
    find_path(VALIJSON_INCLUDE_DIR valijson/validator.hpp REQUIRED) # tested 1.0: configurations
endif()
if(EQUIVARIANT_BUILD_TOOLS)
    find_package(HDF5 1.10 REQUIRED COMPONENTS CXX)  # tested 1.10.8: files of arrays
    find_path(CSV_INCLUDE_DIR csv.h REQUIRED)        # tested libcsv 3.0.3: tables
    find_library(CSV_LIBRARY csv REQUIRED)
    find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED) # tested 1.14: random numbers
    pkg_check_modules(clp REQUIRED IMPORTED_TARGET clp>=1.17) # tested 1.17.6: linear programs
    pkg_check_modules(lbfgs REQUIRED IMPORTED_TARGET liblbfgs>=1.10) # tested 1.10: minimisation
    pkg_check_modules(gmpxx REQUIRED IMPORTED_TARGET gmpxx>=6.2) # tested 6.2.1: exact numbers
    pkg_check_modules(nauty REQUIRED IMPORTED_TARGET nauty>=2.8) # tested 2.8.6: isomorphic graphs
    find_library(FLINT_LIBRARY flint REQUIRED)       # tested 2.9.0: polynomials, matrices modulo primes
endif()
if(EQUIVARIANT_BUILD_OPENMM)
    find_package(OpenMM 8.6 REQUIRED)                # tested 8.6.1, see FindOpenMM.cmake
endif()
if(EQUIVARIANT_BUILD_BENCHMARKS)
    find_package(benchmark 1.7 REQUIRED)             # tested 1.7.1: benchmarks/
endif()
if(EQUIVARIANT_BUILD_TESTS)
    find_package(GTest 1.12 REQUIRED)                # tested 1.12.1
endif()
