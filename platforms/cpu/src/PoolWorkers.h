// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Workers.h"

#include <openmm/internal/ThreadPool.h>

namespace EquivariantPlugin {

/// The threads that OpenMM's CPU platform made for a Context, as many as its property "Threads"
/// says.
class PoolWorkers : public equivariant::Workers {
public:
    /// @param pool  has to live as long as this object
    explicit PoolWorkers(OpenMM::ThreadPool& pool) : pool(pool) {}

    int size() const override { return pool.getNumThreads(); }

private:
    void share(int count, const std::function<void(int item, int worker)>& body) override;

    OpenMM::ThreadPool& pool;
};

} // namespace EquivariantPlugin
