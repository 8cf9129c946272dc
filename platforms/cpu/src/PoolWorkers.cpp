// SPDX-License-Identifier: MIT
#include "PoolWorkers.h"

#include <atomic>
#include <exception>
#include <mutex>

namespace EquivariantPlugin {

void PoolWorkers::share(int count, const std::function<void(int, int)>& body) {
    if (count <= 1 || size() == 1) { // waking a thread costs more than it brings
        for (int item = 0; item < count; item++)
            body(item, 0);
        return;
    }
    std::atomic<int> next{0};
    std::mutex mutex;
    std::exception_ptr error;
    pool.execute([&](OpenMM::ThreadPool&, int worker) {
        try {
            for (int item = next++; item < count; item = next++)
                body(item, worker);
        } catch (...) { // would end the program if it left a thread of the pool
            next = count;
            const std::lock_guard<std::mutex> lock(mutex);
            if (!error)
                error = std::current_exception();
        }
    });
    pool.waitForThreads();
    if (error)
        std::rethrow_exception(error);
}

} // namespace EquivariantPlugin
