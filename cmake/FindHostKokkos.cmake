# Kokkos 3.4 or newer as the target Kokkos::kokkos.
#
# Kokkos' own package is used where there is one. The CMake files of Debian's Trilinos Kokkos name
# directories that do not exist, so there the header and the library are looked up.
if(EXISTS /usr/include/trilinos/Kokkos_Core.hpp AND NOT DEFINED Kokkos_ROOT AND NOT DEFINED ENV{Kokkos_ROOT})
    find_library(Kokkos_LIBRARY trilinos_kokkoscore REQUIRED)
    add_library(Kokkos::kokkos UNKNOWN IMPORTED)
    set_target_properties(Kokkos::kokkos PROPERTIES
        IMPORTED_LOCATION ${Kokkos_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES /usr/include/trilinos)
    set(HostKokkos_FOUND TRUE)
else()
    find_package(Kokkos 3.4 REQUIRED CONFIG)
    set(HostKokkos_FOUND ${Kokkos_FOUND})
endif()
