// SPDX-License-Identifier: MIT
#include "mace/MaceEdges.h"

namespace equivariant {

namespace {

/// Splines of degree 1 with a spacing of 1 Å carry exact values: the second coefficient is the
/// value plus the slope.
constexpr int exactDegree = 1;

} // namespace

template <class Real>
void MaceEdges<Real>::resize(const PreparedMace<Real>& prepared, int t, bool derivatives) {
    lanes = prepared.lanes;
    const std::size_t padded = std::size_t(blocksOf(count, lanes)) * lanes;
    const PreparedLayer<Real>& layer = prepared.layers[t];
    const std::size_t targets = layer.plan.getCouplings().numTargets;
    const std::size_t kinds = derivatives ? 3 : 1;
    const int degree = layer.table ? RadialTable<Real>::degree : exactDegree;
    for (VectorArray<Real>* array : {&x, &y, &z, &fraction})
        array->resize(padded);
    harmonics.resize(3 * prepared.normalization.size() * lanes);
    coefficients.resize(padded * targets * kinds);
    weights.resize(padded * (degree + 1) * (derivatives ? 2 : 1));
    table.resize(count);
    featureRow.resize(count);
    adjointRow.resize(count);
    if (derivatives) {
        tangents.resize(6 * padded);
        sums.resize(std::size_t(3) * count * lanes);
        gradients.resize(std::size_t(3) * count);
    }
}

template <class Real>
void MaceEdges<Real>::prepare(const PreparedMace<Real>& prepared, int t, const NetworkTask& task,
                              int atom, bool towardsNeighbors, bool derivatives) {
    const Edges& edges = task.edges;
    const PreparedLayer<Real>& layer = prepared.layers[t];
    const int first = edges.first[atom];
    count = edges.first[atom + 1] - first;
    resize(prepared, t, derivatives);
    const int own = prepared.indexOf[task.species[atom]];
    const double sign = towardsNeighbors ? -1 : 1;
    for (int e = 0; e < count; e++) {
        const double r = edges.distances[first + e];
        const Eigen::Vector3d unit = sign / r * edges.displacements[first + e];
        x[e] = static_cast<Real>(unit[0]);
        y[e] = static_cast<Real>(unit[1]);
        z[e] = static_cast<Real>(unit[2]);
        fraction[e] = 0;
        if (layer.table) {
            const double position = r * layer.table->getInverseSpacing();
            const int interval =
                std::min(static_cast<int>(position), layer.table->getNumIntervals() - 1);
            fraction[e] = static_cast<Real>(position - interval);
            const int other = prepared.indexOf[task.species[edges.sender[first + e]]];
            table[e] = layer.table->at(prepared.pairOf(own, other), interval);
        }
    }
    for (std::size_t e = count; e < x.size(); e++) {
        x[e] = y[e] = fraction[e] = 0;
        z[e] = 1;
    }
    if (!layer.table)
        makeExactRows(prepared, t, task, atom);
    prepared.kernels.edges(
        {count, prepared.model.maxEll, layer.table ? RadialTable<Real>::degree : exactDegree,
         derivatives, x.data(), y.data(), z.data(), fraction.data(),
         static_cast<Real>(layer.table ? layer.table->getInverseSpacing() : 1),
         layer.plan.getCouplings(), prepared.normalization.data(), harmonics.data(),
         tangents.data(), coefficients.data(), weights.data()});
}

template <class Real>
void MaceEdges<Real>::makeExactRows(const PreparedMace<Real>& prepared, int t,
                                    const NetworkTask& task, int atom) {
    const int functions = prepared.layers[t].plan.numFunctions;
    const int channels = prepared.model.numChannels, first = task.edges.first[atom];
    tableStride = std::size_t(exactDegree + 1) * lanes;
    const std::size_t size = functions * prepared.blocks * tableStride;
    exact.assign(size * count, 0);
    for (int e = 0; e < count; e++) {
        Real* rows = exact.data() + e * size;
        table[e] = rows;
        const ValuesAndDerivatives radial =
            prepared.radialFunctions(t, task.species[task.edges.sender[first + e]],
                                     task.species[atom], {task.edges.distances[first + e]});
        for (int f = 0; f < functions; f++)
            for (int k = 0; k < channels; k++) {
                Real* out =
                    rows + (std::size_t(f) * prepared.blocks + k / lanes) * tableStride + k % lanes;
                const double value = radial.values(f * channels + k);
                out[0] = static_cast<Real>(value);
                out[lanes] = static_cast<Real>(value + radial.derivatives(f * channels + k));
            }
    }
}

template <class Real>
ConvolutionArgs<Real> MaceEdges<Real>::getArguments(const PreparedMace<Real>& prepared, int t) {
    const PreparedLayer<Real>& layer = prepared.layers[t];
    ConvolutionArgs<Real> args{};
    args.count = count;
    args.channelBlocks = prepared.blocks;
    args.numTargets = layer.plan.getCouplings().numTargets;
    args.degree = layer.table ? RadialTable<Real>::degree : exactDegree;
    args.numPaths = static_cast<int>(layer.plan.paths.size());
    args.paths = layer.plan.paths.data();
    args.coefficients = coefficients.data();
    args.weights = weights.data();
    args.table = table.data();
    args.tableStride = layer.table ? layer.table->getStride() : tableStride;
    args.featureRow = featureRow.data();
    args.adjointRow = adjointRow.data();
    args.sums = sums.data();
    args.gradients = gradients.data();
    return args;
}

template <class Real> Eigen::Vector3d MaceEdges<Real>::gradientOf(int e, double distance) const {
    const Real* sum = gradients.data() + 3 * e;
    const Real* tangent = tangents.data() + std::size_t(e / lanes) * 6 * lanes + e % lanes;
    const Eigen::Vector3d first(tangent[0], tangent[lanes], tangent[2 * lanes]);
    const Eigen::Vector3d second(tangent[3 * lanes], tangent[4 * lanes], tangent[5 * lanes]);
    return double(sum[0]) * Eigen::Vector3d(x[e], y[e], z[e]) +
           (double(sum[1]) * first + double(sum[2]) * second) / distance;
}

template <class Real>
ValueAndDerivative MaceEdges<Real>::densityOf(const PreparedMace<Real>& prepared, int t,
                                              const NetworkTask& task, int atom, int e) const {
    const int edge = task.edges.first[atom] + e;
    const int sender = task.species[task.edges.sender[edge]], receiver = task.species[atom];
    const auto& table = prepared.layers[t].density;
    if (!table)
        return evaluateDensity(prepared.model, t, sender, receiver, task.edges.distances[edge]);
    return table->evaluate(prepared.pairOf(prepared.indexOf[sender], prepared.indexOf[receiver]),
                           task.edges.distances[edge]);
}

template <class Real>
double MaceEdges<Real>::sumDensity(const PreparedMace<Real>& prepared, int t,
                                   const NetworkTask& task, int atom) const {
    double sum = 0;
    for (int e = 0; e < count; e++)
        sum += densityOf(prepared, t, task, atom, e).value;
    return sum;
}

template class MaceEdges<float>;
template class MaceEdges<double>;

} // namespace equivariant
