# The CMake package equivariant: find_package(equivariant) gives equivariant::models and the rest.
# A wheel carries libraries only.
if(NOT DEFINED SKBUILD)
    include(CMakePackageConfigHelpers)
    set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/equivariant)
    install(EXPORT equivariant-targets NAMESPACE equivariant:: DESTINATION ${_package_dir})
    configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/equivariant-config.cmake.in
        ${CMAKE_BINARY_DIR}/equivariant-config.cmake INSTALL_DESTINATION ${_package_dir})
    write_basic_package_version_file(${CMAKE_BINARY_DIR}/equivariant-config-version.cmake
        COMPATIBILITY SameMinorVersion)
    install(FILES ${CMAKE_BINARY_DIR}/equivariant-config.cmake
                  ${CMAKE_BINARY_DIR}/equivariant-config-version.cmake
                  ${CMAKE_CURRENT_LIST_DIR}/FindOpenMM.cmake
            DESTINATION ${_package_dir})
endif()
