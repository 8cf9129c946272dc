// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/ModelFile.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace equivariant::training {

/// 1/sqrt(n): what keeps sums of n numbers of order one there.
inline double perRoot(double n) {
    return 1 / std::sqrt(n);
}

/// Makes tensors of a model file. Normally distributed or uniform numbers, the same everywhere:
/// those of the standard library may differ between implementations.
class WeightFiller {
public:
    explicit WeightFiller(unsigned seed) : generator(seed) {}

    void set(const std::string& name, const std::vector<std::size_t>& shape,
             const std::vector<double>& values) {
        file.tensors[name] = {DataType::Float64, shape, values};
    }
    void fill(const std::string& name, const std::vector<std::size_t>& shape, double spread = 1) {
        std::vector<double> values(sizeOf(shape));
        for (double& value : values) { // Box and Muller
            const double u = uniform(), v = uniform();
            value = spread * std::sqrt(-2 * std::log(u)) * std::cos(2 * std::acos(-1.0) * v);
        }
        set(name, shape, values);
    }
    void fillUniform(const std::string& name, const std::vector<std::size_t>& shape, double width) {
        std::vector<double> values(sizeOf(shape));
        for (double& value : values)
            value = width * (2 * uniform() - 1);
        set(name, shape, values);
    }

    ModelFile file;

private:
    double uniform() { return (double(generator()) + 0.5) / 4294967296.0; }
    static std::size_t sizeOf(const std::vector<std::size_t>& shape) {
        std::size_t count = 1;
        for (const std::size_t size : shape)
            count *= size;
        return count;
    }
    std::mt19937 generator;
};

} // namespace equivariant::training
