// SPDX-License-Identifier: MIT
//
// The convolution over neighbors with tabulated kernels. Both passes gather at one atom: over the
// edges it receives and, in the reverse pass, over those it sends, which run the other way.
#include "ponita/KernelTable.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

constexpr std::size_t padding = 16; ///< edges that kernels may read behind the last

template <class Real> class TableConvolution : public SpatialConvolution<Real> {
public:
    TableConvolution(const PonitaWeights<Real>& weights,
                     std::shared_ptr<const KernelTable<Real>> table);

    void begin(const PonitaStep& newStep, Workers& workers) override;
    void forward(int layer, const RowArray<Real>& h, RowArray<Real>& y, Workers& workers) override;
    void backward(int layer, const RowArray<Real>& h, const RowArray<Real>& yAdjoint,
                  RowArray<Real>* hAdjoint, Workers& workers) override;
    void finish(const std::vector<double>& rowOutputs, std::vector<Eigen::Vector3d>& gradients,
                Workers& workers) override;

private:
    TableArgs<Real> argsOf(int layer, int block, int atom) const;
    template <class Body> void forAtoms(Workers& workers, const Body& body) const;

    const PonitaWeights<Real>& w;
    std::shared_ptr<const KernelTable<Real>> table;
    std::vector<VectorArray<Real>> self; ///< [layers]
    std::vector<double> directions;
    const PonitaStep* step = nullptr;
    std::vector<double> vx, vy, vz;   ///< [edges]
    std::vector<Real> windows;        ///< [edges]
    std::vector<int> senderRow;       ///< [edges]
    std::vector<double> edgeAdjoints; ///< [edges][4] of the reverse edge
};

template <class Real>
TableConvolution<Real>::TableConvolution(const PonitaWeights<Real>& weights,
                                         std::shared_ptr<const KernelTable<Real>> table)
    : w(weights), table(std::move(table)) {
    PonitaTrace trace;
    trace.lift.attributes = RowMatrix::Zero(1, 2);
    kernelForward(w.model, trace);
    for (const PonitaLayer& layer : w.model.layers)
        self.push_back(
            packVector<Real>(layer.kernel * trace.kernelBasis.row(0).transpose(), w.lanes));
    for (const Eigen::Vector3d& n : w.model.orientations)
        directions.insert(directions.end(), n.data(), n.data() + 3);
}

template <class Real> void TableConvolution<Real>::begin(const PonitaStep& newStep, Workers&) {
    step = &newStep;
    const std::size_t count = step->v.size();
    for (std::vector<double>* array : {&vx, &vy, &vz})
        array->assign(count + padding, 0.0);
    windows.assign(count + padding, Real(0));
    senderRow.resize(count);
    for (std::size_t e = 0; e < count; e++) {
        vx[e] = step->v[e][0];
        vy[e] = step->v[e][1];
        vz[e] = step->v[e][2];
        windows[e] = static_cast<Real>(step->windows[e].value);
        senderRow[e] = step->firstRow[std::size_t(step->edges.sender[e])];
    }
    edgeAdjoints.assign(4 * count, 0.0);
}

template <class Real>
TableArgs<Real> TableConvolution<Real>::argsOf(int layer, int block, int atom) const {
    const auto i = std::size_t(atom), b = std::size_t(block);
    const auto first = std::size_t(step->edges.first[i]);
    TableArgs<Real> args{};
    args.degree = table->degree;
    args.isPlanar = w.model.getDimension() == 2;
    args.smoothDelta = w.model.smoothDelta;
    args.firstA = table->firstA;
    args.firstB = table->firstB;
    args.inverseSpacing = 1 / table->spacing;
    args.table = table->coefficients.data() +
                 (std::size_t(layer) * std::size_t(w.blocks) + b) * table->sliceSize(w.lanes);
    args.rowStride = std::size_t(table->sizeB) * std::size_t(w.lanes);
    args.orientations = w.orientations;
    args.directions = directions.data();
    args.count = step->edges.first[i + 1] - step->edges.first[i];
    args.vx = vx.data() + first;
    args.vy = vy.data() + first;
    args.vz = vz.data() + first;
    args.sign = 1;
    args.windows = windows.data() + first;
    args.row = senderRow.data() + first;
    args.self = self[std::size_t(layer)].data() + b * std::size_t(w.lanes);
    args.ownRow = step->firstRow[i];
    return args;
}

/// Calls body(block, atom) for all, in an order in which one slice of the table serves many atoms.
template <class Real>
template <class Body>
void TableConvolution<Real>::forAtoms(Workers& workers, const Body& body) const {
    const int numAtoms = step->edges.numAtoms;
    const int chunk = std::clamp(numAtoms / (4 * workers.size()), 4, 64);
    workers.forEach((numAtoms + chunk - 1) / chunk, [&](int item, int) {
        for (int block = 0; block < w.blocks; block++)
            for (int atom = item * chunk; atom < std::min(numAtoms, (item + 1) * chunk); atom++)
                body(block, atom);
    });
}

template <class Real>
void TableConvolution<Real>::forward(int layer, const RowArray<Real>& h, RowArray<Real>& y,
                                     Workers& workers) {
    forAtoms(workers, [&](int block, int atom) {
        TableArgs<Real> args = argsOf(layer, block, atom);
        args.x = h.data.data() + std::size_t(block) * h.stride;
        args.y = y.data.data() + std::size_t(block) * y.stride;
        w.ponita.table(args);
    });
}

template <class Real>
void TableConvolution<Real>::backward(int layer, const RowArray<Real>& h,
                                      const RowArray<Real>& yAdjoint, RowArray<Real>* hAdjoint,
                                      Workers& workers) {
    forAtoms(workers, [&](int block, int atom) {
        TableArgs<Real> args = argsOf(layer, block, atom);
        args.sign = -1;
        args.x = yAdjoint.data.data() + std::size_t(block) * yAdjoint.stride;
        args.own = h.data.data() + std::size_t(block) * h.stride;
        if (hAdjoint)
            args.y = hAdjoint->data.data() + std::size_t(block) * hAdjoint->stride;
        args.gradients =
            edgeAdjoints.data() + 4 * std::size_t(step->edges.first[std::size_t(atom)]);
        w.ponita.tableBack(args);
    });
}

template <class Real>
void TableConvolution<Real>::finish(const std::vector<double>&,
                                    std::vector<Eigen::Vector3d>& gradients, Workers&) {
    for (std::size_t e = 0; e < gradients.size(); e++) {
        const double* adjoint = edgeAdjoints.data() + 4 * e;
        gradients[e] += Eigen::Vector3d(adjoint[0], adjoint[1], adjoint[2]) +
                        adjoint[3] * step->windows[e].derivative / step->v[e].norm() * step->v[e];
    }
}

} // namespace

template <class Real>
std::unique_ptr<SpatialConvolution<Real>>
makeTableConvolution(const PonitaWeights<Real>& weights,
                     std::shared_ptr<const KernelTable<Real>> table) {
    return std::make_unique<TableConvolution<Real>>(weights, std::move(table));
}

template std::unique_ptr<SpatialConvolution<float>>
makeTableConvolution(const PonitaWeights<float>&, std::shared_ptr<const KernelTable<float>>);
template std::unique_ptr<SpatialConvolution<double>>
makeTableConvolution(const PonitaWeights<double>&, std::shared_ptr<const KernelTable<double>>);

} // namespace equivariant
