// SPDX-License-Identifier: MIT
#include "ManyBodyProduct.h"

#include <algorithm>
#include <map>
#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

ManyBodyProduct::ManyBodyProduct(const std::vector<std::vector<UTensor>>& uTensors, int lMax,
                                 torch::Dtype type)
    : lMax(lMax) {
    const int numHarmonics = (uTensors[0][0].lMax + 1) * (uTensors[0][0].lMax + 1);
    // Monomials of an order are those of the one before times a factor that is not below its last.
    std::vector<std::vector<int>> before = {{}};
    for (std::size_t order = 1; order <= uTensors[0].size(); order++) {
        std::vector<std::vector<int>> now;
        std::vector<int64_t> first, last;
        std::map<std::vector<int>, int> places;
        for (std::size_t i = 0; i < before.size(); i++)
            for (int lm = before[i].empty() ? 0 : before[i].back(); lm < numHarmonics; lm++) {
                now.push_back(before[i]);
                now.back().push_back(lm);
                places[now.back()] = static_cast<int>(now.size()) - 1;
                first.push_back(static_cast<int64_t>(i));
                last.push_back(lm);
            }
        const auto count = static_cast<int>(now.size());
        Order result{
            torch::tensor(first, torch::kInt64), torch::tensor(last, torch::kInt64), {}, count};
        for (int L = 0; L <= lMax; L++) {
            const UTensor& u = uTensors[L][order - 1];
            Tensor map = torch::zeros({(2 * L + 1) * count, u.numPaths}, torch::kFloat64);
            auto entries = map.accessor<double, 2>();
            for (const UTensorEntry& entry : u.entries) {
                std::vector<int> sorted = entry.lm;
                std::sort(sorted.begin(), sorted.end());
                entries[entry.M * count + places.at(sorted)][entry.path] += entry.value;
            }
            result.maps.push_back(map.to(type));
        }
        orders.push_back(result);
        before = std::move(now);
    }
}

Tensor ManyBodyProduct::makeCoefficients(const std::vector<std::vector<Tensor>>& weights) const {
    std::vector<Tensor> rows;
    for (int L = 0; L <= lMax; L++) {
        std::vector<Tensor> ofOrders;
        for (std::size_t i = 0; i < orders.size(); i++) {
            const Tensor& map = orders[i].maps[L];
            // Weights of paths at the end that vanish are not used.
            const Tensor product = torch::matmul(map, weights[L][i].narrow(0, 0, map.size(1)));
            ofOrders.push_back(
                product.reshape({2 * L + 1, orders[i].numMonomials, weights[L][i].size(1)}));
        }
        rows.push_back(torch::cat(ofOrders, 1));
    }
    return torch::cat(rows, 0).permute({2, 0, 1});
}

Tensor ManyBodyProduct::makeMonomials(const Tensor& a) const {
    std::vector<Tensor> all = {a};
    for (std::size_t i = 1; i < orders.size(); i++)
        all.push_back(all.back().index_select(0, orders[i].first) *
                      a.index_select(0, orders[i].last));
    return torch::cat(all, 0);
}

} // namespace equivariant::training
