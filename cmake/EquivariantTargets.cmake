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
