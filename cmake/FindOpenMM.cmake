# Finds OpenMM in a pip wheel (site-packages/OpenMM.libs), a conda environment or a system prefix.
# Input:  OPENMM_DIR (prefix that holds include/OpenMM.h and lib/), else the OpenMM of Python3.
# Output: target OpenMM::OpenMM, OPENMM_DIR, OpenMM_VERSION; target OpenMM::OpenCL, the library of the
# OpenCL platform, where OpenMM has it and the OpenCL headers are installed; OpenMM::CUDA likewise,
# with the CUDA headers; NVRTC_LIBRARY, the run-time compiler of CUDA 13, where it is found.
if(NOT OPENMM_DIR)
    find_package(Python3 COMPONENTS Interpreter QUIET)
    if(Python3_FOUND)
        # The package itself is not imported: in an isolated build only its files are needed.
        execute_process(
            COMMAND ${Python3_EXECUTABLE} -c
                "import importlib.util as u, os; s = u.find_spec('openmm'); d = os.path.join(os.path.dirname(os.path.dirname(s.origin)), 'OpenMM.libs') if s else ''; print(d if os.path.isdir(d) else '')"
            OUTPUT_VARIABLE _openmm_wheel OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    set(_openmm_hints ${_openmm_wheel} $ENV{OPENMM_DIR} $ENV{CONDA_PREFIX} /usr/local/openmm)
else()
    set(_openmm_hints ${OPENMM_DIR})
    set(_openmm_only NO_DEFAULT_PATH)
endif()
find_path(OpenMM_INCLUDE_DIR OpenMM.h HINTS ${_openmm_hints} PATH_SUFFIXES include ${_openmm_only})
find_library(OpenMM_LIBRARY OpenMM HINTS ${_openmm_hints} PATH_SUFFIXES lib ${_openmm_only})

# OpenMM has no version macro in its headers and no CMake package: ask the library.
if(OpenMM_LIBRARY AND NOT OpenMM_VERSION)
    file(WRITE ${CMAKE_BINARY_DIR}/openmm_version.cpp
        "#include <openmm/Platform.h>\n#include <iostream>\nint main() { std::cout << OpenMM::Platform::getOpenMMVersion(); }\n")
    get_filename_component(_openmm_libdir ${OpenMM_LIBRARY} DIRECTORY)
    try_run(_openmm_run _openmm_compile ${CMAKE_BINARY_DIR}/openmm_version
        ${CMAKE_BINARY_DIR}/openmm_version.cpp
        CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${OpenMM_INCLUDE_DIR}"
                    "-DCMAKE_BUILD_RPATH=${_openmm_libdir}"
        LINK_LIBRARIES ${OpenMM_LIBRARY}
        RUN_OUTPUT_VARIABLE _openmm_version)
    if(_openmm_compile AND "${_openmm_run}" EQUAL 0)
        set(OpenMM_VERSION ${_openmm_version} CACHE INTERNAL "OpenMM version")
    endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenMM
    REQUIRED_VARS OpenMM_LIBRARY OpenMM_INCLUDE_DIR
    VERSION_VAR OpenMM_VERSION
    REASON_FAILURE_MESSAGE "Set OPENMM_DIR to the prefix that holds include/OpenMM.h, or install the openmm wheel for ${Python3_EXECUTABLE}.")
if(OpenMM_FOUND AND NOT TARGET OpenMM::OpenMM)
    get_filename_component(OPENMM_DIR ${OpenMM_INCLUDE_DIR} DIRECTORY)
    add_library(OpenMM::OpenMM SHARED IMPORTED)
    set_target_properties(OpenMM::OpenMM PROPERTIES
        IMPORTED_LOCATION ${OpenMM_LIBRARY}
        IMPORTED_NO_SONAME ON
        INTERFACE_INCLUDE_DIRECTORIES ${OpenMM_INCLUDE_DIR})
endif()
if(OpenMM_FOUND AND NOT TARGET OpenMM::OpenCL)
    find_library(OpenMM_OPENCL_LIBRARY OpenMMOpenCL HINTS ${OPENMM_DIR} PATH_SUFFIXES lib/plugins
        NO_DEFAULT_PATH)
    find_package(OpenCL QUIET)
    if(OpenMM_OPENCL_LIBRARY AND OpenCL_FOUND)
        add_library(OpenMM::OpenCL SHARED IMPORTED)
        set_target_properties(OpenMM::OpenCL PROPERTIES
            IMPORTED_LOCATION ${OpenMM_OPENCL_LIBRARY}
            IMPORTED_NO_SONAME ON
            INTERFACE_INCLUDE_DIRECTORIES ${OpenMM_INCLUDE_DIR})
        target_link_libraries(OpenMM::OpenCL INTERFACE OpenMM::OpenMM OpenCL::OpenCL)
    endif()
endif()
if(OpenMM_FOUND AND NOT TARGET OpenMM::CUDA)
    # The wheel OpenMM-CUDA-13 puts the library beside the others and needs wheels with the headers.
    set(_cuda_hints ${OPENMM_DIR}/../nvidia/cu13 $ENV{CUDA_PATH} /usr/local/cuda)
    find_library(OpenMM_CUDA_LIBRARY OpenMMCUDA HINTS ${OPENMM_DIR} PATH_SUFFIXES lib/plugins
        NO_DEFAULT_PATH)
    find_path(CUDA_INCLUDE_DIR cuda.h HINTS ${_cuda_hints} PATH_SUFFIXES include)
    find_library(NVRTC_LIBRARY NAMES nvrtc libnvrtc.so.13 HINTS ${_cuda_hints}
        PATH_SUFFIXES lib lib64)
    if(OpenMM_CUDA_LIBRARY AND CUDA_INCLUDE_DIR)
        add_library(OpenMM::CUDA SHARED IMPORTED)
        set_target_properties(OpenMM::CUDA PROPERTIES
            IMPORTED_LOCATION ${OpenMM_CUDA_LIBRARY}
            IMPORTED_NO_SONAME ON
            INTERFACE_INCLUDE_DIRECTORIES "${OpenMM_INCLUDE_DIR};${CUDA_INCLUDE_DIR}")
        target_link_libraries(OpenMM::CUDA INTERFACE OpenMM::OpenMM)
    endif()
endif()
