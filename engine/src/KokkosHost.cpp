// SPDX-License-Identifier: MIT
#include "KokkosHost.h"

#include "equivariant/Error.h"

#include <mutex>

namespace equivariant {

void startKokkos() {
    static std::mutex mutex;
    const std::lock_guard<std::mutex> lock(mutex);
    if (Kokkos::is_initialized())
        return;
#if KOKKOS_VERSION >= 30700
    if (Kokkos::is_finalized())
        throw Error("this program has finalized Kokkos, which cannot be started again");
#endif
    Kokkos::initialize();
}

} // namespace equivariant
