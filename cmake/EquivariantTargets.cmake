# Common properties of our targets, and where they are installed.
#
# Two layouts. "prefix": lib/, lib/plugins/, include/, bin/ below CMAKE_INSTALL_PREFIX, for conda and
# system OpenMM. "wheel": the libraries go into the OpenMM wheel's own OpenMM.libs/, as OpenMM's CUDA
# wheel does, so that its Python package loads our plugins by itself.
if(DEFINED SKBUILD)
    set(EQUIVARIANT_LIB_DIR OpenMM.libs/lib)
    set(EQUIVARIANT_INCLUDE_DIR OpenMM.libs/include)
else()
    set(EQUIVARIANT_LIB_DIR ${CMAKE_INSTALL_LIBDIR})
    set(EQUIVARIANT_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
endif()
set(EQUIVARIANT_PLUGIN_DIR ${EQUIVARIANT_LIB_DIR}/plugins)

find_program(CCACHE_PROGRAM ccache)

# equivariant_setup(<target>): language level, warnings, run path, ccache.
function(equivariant_setup target)
    target_compile_features(${target} PUBLIC cxx_std_17)
    target_compile_options(${target} PRIVATE
        $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall;-Wextra>)
    if(EQUIVARIANT_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Werror>)
    endif()
    set_target_properties(${target} PROPERTIES
        CXX_EXTENSIONS OFF
        POSITION_INDEPENDENT_CODE ON
        INSTALL_RPATH "$ORIGIN;$ORIGIN/..")
    if(CCACHE_PROGRAM)
        set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    endif()
endfunction()

# equivariant_add_kernels(<target> SOURCES <sources> [INCLUDES <folders>] [OPTIONS <options>]):
# compiles the sources once for each instruction set, as EQUIVARIANT_ISA, into the target; the
# program chooses at run time, where EQUIVARIANT_X86 is defined among several.
#
# -O3 in every build type but debug: without it the kernels are not inlined into one another. With
# sanitizers it would take minutes a file.
function(equivariant_add_kernels target)
    cmake_parse_arguments(kernels "" "" "SOURCES;INCLUDES;OPTIONS" ${ARGN})
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
        list(PREPEND kernels_OPTIONS $<$<NOT:$<CONFIG:Debug>>:-O3>)
    endif()
    set(sets baseline)
    if(EQUIVARIANT_WIDE_KERNELS AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        list(APPEND sets avx2 avx512)
        target_compile_definitions(${target} PRIVATE EQUIVARIANT_X86)
    endif()
    set(options_avx2 -mavx2 -mfma)
    set(options_avx512 -mavx512f -mavx512dq -mavx512vl -mfma)
    foreach(isa IN LISTS sets)
        set(objects ${target}_kernels_${isa})
        add_library(${objects} OBJECT ${kernels_SOURCES})
        equivariant_setup(${objects})
        target_include_directories(${objects} PRIVATE ${kernels_INCLUDES})
        target_compile_definitions(${objects} PRIVATE EQUIVARIANT_ISA=${isa})
        target_compile_options(${objects} PRIVATE
            ${kernels_OPTIONS} -ffp-contract=fast ${options_${isa}})
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endforeach()
endfunction()

# equivariant_install_programs(<targets>): a wheel puts programs into bin/ and libraries into
# site-packages/OpenMM.libs/lib.
function(equivariant_install_programs)
    if(DEFINED SKBUILD)
        find_package(Python3 REQUIRED COMPONENTS Interpreter)
        execute_process(
            COMMAND ${Python3_EXECUTABLE} -c
                "import os, sysconfig as s; print(os.path.relpath(s.get_path('platlib'), s.get_path('scripts')))"
            OUTPUT_VARIABLE packages_from_scripts OUTPUT_STRIP_TRAILING_WHITESPACE
            COMMAND_ERROR_IS_FATAL ANY)
        set(libraries "${packages_from_scripts}/${EQUIVARIANT_LIB_DIR}")
        set(destination ${SKBUILD_SCRIPTS_DIR})
    else()
        file(RELATIVE_PATH libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
        set(destination ${CMAKE_INSTALL_BINDIR})
    endif()
    set_target_properties(${ARGN} PROPERTIES INSTALL_RPATH "$ORIGIN/${libraries}")
    install(TARGETS ${ARGN} RUNTIME DESTINATION ${destination} COMPONENT programs)
endfunction()
