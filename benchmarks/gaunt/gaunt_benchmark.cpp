// SPDX-License-Identifier: MIT
//
// Times the three operations of arXiv:2401.10216 (interaction of features, convolution over edges,
// many-body product) by each evaluator. Names are operation/evaluator/precision/pass/L; the counter
// `products` says how many functions one iteration makes, `bytes` what its results and workspace
// take (not for the reference, whose memory does not come from operator new). run.py reads them.
#include "equivariant/GauntKernel.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <functional>
#include <malloc.h>
#include <new>
#include <random>
#include <string>
#include <vector>

using namespace equivariant;

namespace {

std::size_t liveBytes = 0, peakBytes = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (!p)
        throw std::bad_alloc();
    liveBytes += malloc_usable_size(p);
    peakBytes = std::max(peakBytes, liveBytes);
    return p;
}

void release(void* p) {
    if (p)
        liveBytes -= malloc_usable_size(p);
    std::free(p);
}

} // namespace

void* operator new(std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept {
    release(p);
}
void operator delete(void* p, std::size_t) noexcept {
    release(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
    release(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    release(p);
}

namespace {

constexpr int numProducts = 1024, numChannels = 64, numEdges = numProducts / numChannels;

/// Random numbers in memory aligned to 64 bytes.
template <class Real> class Array {
public:
    explicit Array(std::size_t size)
        : size(size), data(new (std::align_val_t(64)) Real[size],
                           [](Real* p) { ::operator delete[](p, std::align_val_t(64)); }) {
        std::mt19937 random(1);
        std::uniform_real_distribution<Real> uniform(-1, 1);
        std::generate(get(), get() + size, [&] { return uniform(random); });
    }
    Real* get() const { return data.get(); }
    std::size_t size;

private:
    std::shared_ptr<Real> data;
};

template <class Real> Array<Real> functions(int lMax, int copies = 1) {
    return Array<Real>(std::size_t(numProducts) * copies * numHarmonics(lMax));
}

/// Times a call that makes `products` functions, which take resultBytes (0: not counted).
void measure(benchmark::State& state, std::size_t resultBytes, const std::function<void()>& call,
             int products = numProducts) {
    call();
    const std::size_t before = liveBytes;
    peakBytes = liveBytes;
    call();
    const std::size_t workspace = peakBytes - before;
    for (auto _ : state)
        call();
    state.counters["products"] = products;
    if (resultBytes > 0)
        state.counters["bytes"] = static_cast<double>(resultBytes + workspace);
}

template <class Real>
void interaction(benchmark::State& state, int L, int lMaxOut, GauntMethod method, bool reverse) {
    const GauntKernel<Real> kernel(L, L, lMaxOut, method);
    const std::size_t blocks = numProducts / kernel.getNumLanes();
    const auto x = functions<Real>(L), y = functions<Real>(L), z = functions<Real>(lMaxOut),
               zAdjoint = functions<Real>(lMaxOut), xAdjoint = functions<Real>(L),
               yAdjoint = functions<Real>(L);
    const std::size_t results = z.size + (reverse ? xAdjoint.size + yAdjoint.size : 0);
    measure(state, results * sizeof(Real), [&] {
        kernel.multiply(blocks, x.get(), y.get(), z.get());
        if (reverse)
            kernel.pullBack(blocks, x.get(), y.get(), zAdjoint.get(), xAdjoint.get(),
                            yAdjoint.get());
    });
}

template <class Real> void convolution(benchmark::State& state, int L, bool reverse) {
    const GauntConvolution<Real> kernel(L, L, L);
    const int blocks = numChannels / kernel.getNumLanes();
    const auto x = functions<Real>(L), z = functions<Real>(L), zAdjoint = functions<Real>(L),
               xAdjoint = functions<Real>(L);
    const Array<Real> y(std::size_t(numEdges) * numHarmonics(L)), yAdjoint(y.size);
    const std::size_t results = z.size + (reverse ? xAdjoint.size + yAdjoint.size : 0);
    measure(state, results * sizeof(Real), [&] {
        kernel.multiply(numEdges, blocks, x.get(), y.get(), z.get());
        if (reverse)
            kernel.pullBack(numEdges, blocks, x.get(), y.get(), zAdjoint.get(), xAdjoint.get(),
                            yAdjoint.get());
    });
}

/// f^2 and f^3 cut off at L.
template <class Real> void manyBody(benchmark::State& state, int L, bool reverse) {
    const GauntPowers<Real> kernel(L, L, 3);
    const std::size_t blocks = numProducts / kernel.getNumLanes();
    const auto x = functions<Real>(L), z = functions<Real>(L, 2), zAdjoint = functions<Real>(L, 2),
               xAdjoint = functions<Real>(L);
    measure(state, (z.size + (reverse ? xAdjoint.size : 0)) * sizeof(Real), [&] {
        kernel.evaluate(blocks, x.get(), z.get());
        if (reverse)
            kernel.pullBack(blocks, x.get(), zAdjoint.get(), xAdjoint.get());
    });
}

/// The same by two sparse products, f f and f (f f), with nothing cut off in between.
template <class Real> void manyBodySparse(benchmark::State& state, int L, bool reverse) {
    const GauntKernel<Real> square(L, L, 2 * L, GauntMethod::Sparse),
        cube(L, 2 * L, L, GauntMethod::Sparse);
    const std::size_t blocks = numProducts / square.getNumLanes();
    const auto x = functions<Real>(L), f2 = functions<Real>(2 * L), f3 = functions<Real>(L),
               zAdjoint = functions<Real>(L), xAdjoint = functions<Real>(L),
               xAdjoint2 = functions<Real>(L), f2Adjoint = functions<Real>(2 * L);
    const std::size_t results =
        f2.size + f3.size + (reverse ? 2 * xAdjoint.size + f2Adjoint.size : 0);
    measure(state, results * sizeof(Real), [&] {
        square.multiply(blocks, x.get(), x.get(), f2.get());
        cube.multiply(blocks, x.get(), f2.get(), f3.get());
        if (!reverse)
            return;
        cube.pullBack(blocks, x.get(), f2.get(), zAdjoint.get(), xAdjoint.get(), f2Adjoint.get());
        square.pullBack(blocks, x.get(), x.get(), f2Adjoint.get(), xAdjoint.get(), xAdjoint2.get());
    });
}

/// Products of the reference by Fourier transforms, in double precision.
void fourier(benchmark::State& state, int lMax1, int lMax2, int lMaxOut, bool reverse) {
    constexpr int fewer = 64; // each has its own transform
    const GauntTensorProduct product(lMax1, lMax2, lMaxOut, GauntMethod::Fourier);
    const Features x = Features::Random(numHarmonics(lMax1), fewer),
                   y = Features::Random(numHarmonics(lMax2), fewer),
                   zAdjoint = Features::Random(numHarmonics(lMaxOut), fewer);
    measure(
        state, 0,
        [&] {
            const Features z = product.multiply(x, y);
            benchmark::DoNotOptimize(z.data());
            if (reverse) {
                const auto adjoints = product.pullBack(x, y, zAdjoint);
                benchmark::DoNotOptimize(adjoints.x.data());
            }
        },
        fewer);
}

void add(const std::string& name, bool reverse, int L,
         const std::function<void(benchmark::State&)>& run) {
    benchmark::RegisterBenchmark(
        (name + (reverse ? "/both/" : "/forward/") + std::to_string(L)).c_str(), run)
        ->Unit(benchmark::kMicrosecond);
}

template <class Real> void addAll(const std::string& precision, int L, bool reverse) {
    for (bool isFull : {false, true}) {
        const std::string name = isFull ? "interaction-2L/" : "interaction/";
        const int lMaxOut = isFull ? 2 * L : L;
        add(name + "sparse/" + precision, reverse, L, [=](benchmark::State& state) {
            interaction<Real>(state, L, lMaxOut, GauntMethod::Sparse, reverse);
        });
        add(name + "grid/" + precision, reverse, L, [=](benchmark::State& state) {
            interaction<Real>(state, L, lMaxOut, GauntMethod::Grid, reverse);
        });
    }
    add("convolution/matrices/" + precision, reverse, L,
        [=](benchmark::State& state) { convolution<Real>(state, L, reverse); });
    add("many-body/grid/" + precision, reverse, L,
        [=](benchmark::State& state) { manyBody<Real>(state, L, reverse); });
    add("many-body/sparse/" + precision, reverse, L,
        [=](benchmark::State& state) { manyBodySparse<Real>(state, L, reverse); });
}

} // namespace

int main(int argc, char** argv) {
    for (int L = 1; L <= 8; L++)
        for (bool reverse : {false, true}) {
            addAll<float>("float", L, reverse);
            addAll<double>("double", L, reverse);
            for (bool isFull : {false, true})
                add(isFull ? "interaction-2L/fourier/double" : "interaction/fourier/double",
                    reverse, L, [=](benchmark::State& state) {
                        fourier(state, L, L, isFull ? 2 * L : L, reverse);
                    });
        }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
}
