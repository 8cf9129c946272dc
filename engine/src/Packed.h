// SPDX-License-Identifier: MIT
//
// Arrays and dense maps in the layout of the kernels.
#pragma once

#include "kernels/Kernels.h"

#include <Eigen/Core>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace equivariant {

/// Memory that every vector may be loaded from. Large arrays are put on huge pages where the system
/// has them: what is read here and there, as tables are, misses small pages more than the cache.
template <class T> struct VectorAllocator {
    using value_type = T;
    VectorAllocator() = default;
    template <class Other> VectorAllocator(const VectorAllocator<Other>&) {}
    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        void* memory = ::operator new(bytes, alignmentOf(count));
#ifdef MADV_HUGEPAGE
        if (bytes >= hugePage) // in vain where the system has none
            madvise(memory, bytes / hugePage * hugePage, MADV_HUGEPAGE);
#endif
        return static_cast<T*>(memory);
    }
    void deallocate(T* p, std::size_t count) {
        ::operator delete(p, alignmentOf(count));
    }
    bool operator==(const VectorAllocator&) const {
        return true;
    }
    bool operator!=(const VectorAllocator&) const {
        return false;
    }

private:
    static constexpr std::size_t hugePage = 1 << 21;
    static std::align_val_t alignmentOf(std::size_t count) {
        return std::align_val_t(count * sizeof(T) >= hugePage ? hugePage : 64);
    }
};
template <class Real> using VectorArray = std::vector<Real, VectorAllocator<Real>>;

inline int blocksOf(int channels, int lanes) {
    return (channels + lanes - 1) / lanes;
}

/// [channel block][row][lane]
template <class Real> struct RowArray {
    VectorArray<Real> data;
    std::size_t stride = 0;

    /// The content is undefined afterwards.
    void resize(int blocks, std::size_t rows, int lanes) {
        stride = rows * static_cast<std::size_t>(lanes);
        data.resize(static_cast<std::size_t>(blocks) * stride);
    }
};

/// A weight [out][in] as [output block][in][lane], and its bias [output block][lane].
template <class Real> struct PackedLinear {
    int inputs = 0, outputBlocks = 0;
    VectorArray<Real> weight, bias;

    PackedLinear() = default;
    PackedLinear(const Eigen::MatrixXd& matrix, const Eigen::VectorXd& offsets, int lanes)
        : inputs(static_cast<int>(matrix.cols())),
          outputBlocks(blocksOf(static_cast<int>(matrix.rows()), lanes)) {
        const auto outputs = static_cast<std::size_t>(outputBlocks * lanes);
        weight.assign(outputs * static_cast<std::size_t>(inputs), 0);
        bias.assign(outputs, 0);
        for (int out = 0; out < matrix.rows(); out++)
            for (int in = 0; in < inputs; in++)
                weight[static_cast<std::size_t>((out / lanes * inputs + in) * lanes +
                                                out % lanes)] = static_cast<Real>(matrix(out, in));
        for (int out = 0; out < offsets.size(); out++)
            bias[static_cast<std::size_t>(out)] = static_cast<Real>(offsets[out]);
    }

    /// y = weight x (no bias) for `rows` rows.
    void apply(const Kernels<Real>& kernels, int rows, const Real* x, std::size_t xStride, Real* y,
               std::size_t yStride, bool accumulate = false) const {
        kernels.linear(
            {x, y, weight.data(), xStride, yStride, rows, inputs, outputBlocks, accumulate});
    }
};

/// [block][lane]
template <class Real> VectorArray<Real> packVector(const Eigen::VectorXd& values, int lanes) {
    VectorArray<Real> result(
        static_cast<std::size_t>(blocksOf(static_cast<int>(values.size()), lanes) * lanes), 0);
    for (Eigen::Index i = 0; i < values.size(); i++)
        result[static_cast<std::size_t>(i)] = static_cast<Real>(values[i]);
    return result;
}

} // namespace equivariant
