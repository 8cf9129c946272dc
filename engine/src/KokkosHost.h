// SPDX-License-Identifier: MIT
//
// The one place where Kokkos is started. Kokkos 3.4 to 5.
#pragma once

#include <Kokkos_Core.hpp>
#include <type_traits>

namespace equivariant {

using KokkosHost = Kokkos::DefaultHostExecutionSpace;

#if defined(KOKKOS_ENABLE_OPENMP) || defined(KOKKOS_ENABLE_THREADS) || defined(KOKKOS_ENABLE_HPX)
#define EQUIVARIANT_KOKKOS_PARALLEL
#endif

/// Initializes Kokkos unless this process has done so. It is never finalized: the program may use
/// it too, and other objects may outlive ours. Throws Error if the program has finalized it.
void startKokkos();

} // namespace equivariant
