// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>

namespace equivariant {

/// Threads that share out the items of a loop. Results never depend on who does what.
class Workers {
public:
    virtual ~Workers() = default;

    /// Number of threads, the caller included.
    virtual int size() const = 0;

    /// Calls body(item, worker) for every item from 0 to count-1, each once, and waits for all;
    /// 0 <= worker < size(), and no two calls with the same worker overlap. Rethrows the first
    /// exception of a body. Not to be called from within a body. A body takes subnormal numbers for
    /// zero where the processor can; the threads' own mode is as before afterwards.
    void forEach(int count, const std::function<void(int item, int worker)>& body);

private:
    /// forEach without the care for subnormal numbers.
    virtual void share(int count, const std::function<void(int item, int worker)>& body) = 0;
};

/// Workers of the library itself: Kokkos' host backend where that is parallel and has this many
/// threads, else threads of their own. 0 threads: one for each processor that this process may use.
/// Throws Error for a negative number.
std::shared_ptr<Workers> makeWorkers(int threads);

} // namespace equivariant
