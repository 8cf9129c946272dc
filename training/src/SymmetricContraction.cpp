// SPDX-License-Identifier: MIT
#include "Product.h"

#include <algorithm>
#include <map>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

SymmetricContraction::SymmetricContraction(const std::vector<std::vector<UTensor>>& uTensors,
                                           std::vector<std::vector<Tensor>> given,
                                           const torch::TensorOptions& options)
    : weights(std::move(given)) {
    const int numHarmonics = (uTensors[0][0].lMax + 1) * (uTensors[0][0].lMax + 1);
    MonomialTables tables;
    tables.numInputs = numHarmonics;
    // Monomials of an order are those of the one before times a factor that is not below its last.
    std::vector<std::vector<int>> before = {{}};
    for (std::size_t order = 1; order <= uTensors[0].size(); order++) {
        std::vector<std::vector<int>> now;
        std::map<std::vector<int>, int> places;
        const int firstBefore = tables.numMonomials - static_cast<int>(before.size());
        for (std::size_t i = 0; i < before.size(); i++)
            for (int lm = before[i].empty() ? 0 : before[i].back(); lm < numHarmonics; lm++) {
                now.push_back(before[i]);
                now.back().push_back(lm);
                places[now.back()] = static_cast<int>(now.size()) - 1;
                tables.before.push_back(order == 1 ? -1 : firstBefore + static_cast<int>(i));
                tables.factor.push_back(lm);
            }
        tables.numMonomials += static_cast<int>(now.size());
        const auto count = static_cast<int>(now.size());
        Order result{{}, count};
        for (int L = 0; L < static_cast<int>(weights.size()); L++) {
            const UTensor& u = uTensors[L][order - 1];
            Tensor map = torch::zeros({u.numPaths, (2 * L + 1) * count}, torch::kFloat64);
            auto entries = map.accessor<double, 2>();
            for (const UTensorEntry& entry : u.entries) {
                std::vector<int> sorted = entry.lm;
                std::sort(sorted.begin(), sorted.end());
                entries[entry.path][entry.M * count + places.at(sorted)] += entry.value;
            }
            result.maps.push_back(map.to(options));
        }
        orders.push_back(result);
        before = std::move(now);
    }
    monomials = c10::make_intrusive<Monomials>(std::move(tables), options.device());
}

Tensor SymmetricContraction::evaluate(const Batch& batch, const Tensor& a) const {
    const auto numSpecies = static_cast<int64_t>(batch.atomsOfSpecies.size());
    std::vector<Tensor> rows;
    for (int L = 0; L < static_cast<int>(weights.size()); L++) {
        std::vector<Tensor> ofOrders;
        for (std::size_t i = 0; i < orders.size(); i++) {
            const Tensor& map = orders[i].maps[L];
            // Weights of paths at the end that vanish are not used.
            const Tensor used = weights[L][i].narrow(1, 0, map.size(0)).transpose(1, 2);
            ofOrders.push_back(torch::matmul(used, map).reshape(
                {used.size(0), used.size(1), 2 * L + 1, orders[i].numMonomials}));
        }
        rows.push_back(torch::cat(ofOrders, 3));
    }
    Tensor coefficients = torch::cat(rows, 2);
    if (coefficients.size(0) < numSpecies)
        coefficients = coefficients.expand({numSpecies, -1, -1, -1});
    return evaluatePolynomials(monomials, batch.atomsOfSpecies, coefficients, a.permute({1, 2, 0}))
        .permute({2, 0, 1});
}

} // namespace equivariant::training
