// SPDX-License-Identifier: MIT
#include "Parallel.h"

#include "equivariant/Workers.h"

#include <mutex>

namespace equivariant::support {

void parallelFor(int count, const std::function<void(int)>& body) {
    static const std::shared_ptr<Workers> workers = makeWorkers(0);
    static std::mutex oneLoopAtATime; // threads of Python may call at the same time
    static thread_local bool isWithinBody = false;
    if (isWithinBody) {
        for (int i = 0; i < count; i++)
            body(i);
        return;
    }
    const std::lock_guard<std::mutex> lock(oneLoopAtATime);
    workers->forEach(count, [&body](int item, int) {
        struct Mark {
            Mark() { isWithinBody = true; }
            ~Mark() { isWithinBody = false; }
        } mark;
        body(item);
    });
}

} // namespace equivariant::support
