// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace equivariant::support {

/// Calls body(i) for i = 0 … count-1, each once, on all processors that this process may use, and
/// waits for all. Rethrows the first exception. Give every item its own place for its result, and
/// its own stream of random numbers, and nothing depends on the number of threads. A call from
/// within a body runs its items one after the other.
void parallelFor(int count, const std::function<void(int)>& body);

} // namespace equivariant::support
