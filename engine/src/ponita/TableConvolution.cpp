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
    struct Scratch {
        std::vector<int> tiles, begin, edge, orientation;
    };

    void chooseTiles();
    void sortPairs(std::size_t firstEdge, std::size_t count, double sign, Scratch& own) const;
    template <class Body>
    void forChunks(int layer, double sign, Workers& workers, const Body& body);
    void addSelf(int layer, int atom, int atoms, const RowArray<Real>& x, RowArray<Real>& y,
                 bool accumulate) const;

    const PonitaWeights<Real>& w;
    std::shared_ptr<const KernelTable<Real>> table;
    std::vector<VectorArray<Real>> self; ///< [layers]
    std::vector<double> directions;
    const PonitaStep* step = nullptr;
    std::vector<double> vx, vy, vz;          ///< [edges]
    std::vector<Real> windows;               ///< [edges]
    std::vector<int> senderRow, receiverRow; ///< [edges]
    double tileSize = 0;                     ///< Å
    int tilesA = 0, tilesB = 0;
    std::vector<Scratch> scratch;     ///< [workers]
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
    chooseTiles();
}

/// Tiles whose knots fill half of a first-level cache, but not very many.
template <class Real> void TableConvolution<Real>::chooseTiles() {
    const double knots = 24e3 / (w.blocks * w.lanes * static_cast<double>(sizeof(Real)));
    int cells = std::max(1, static_cast<int>(std::sqrt(knots)) - table->degree);
    for (;; cells++) {
        tilesA = table->sizeA / cells + 1;
        tilesB = table->sizeB / cells + 1;
        if (tilesA * tilesB <= 8192)
            break;
    }
    tileSize = cells * table->spacing;
}

template <class Real> void TableConvolution<Real>::begin(const PonitaStep& newStep, Workers&) {
    step = &newStep;
    const std::size_t count = step->v.size();
    for (std::vector<double>* array : {&vx, &vy, &vz})
        array->assign(count + padding, 0.0);
    windows.assign(count + padding, Real(0));
    senderRow.resize(count);
    receiverRow.resize(count);
    for (std::size_t e = 0; e < count; e++) {
        vx[e] = step->v[e][0];
        vy[e] = step->v[e][1];
        vz[e] = step->v[e][2];
        windows[e] = static_cast<Real>(step->windows[e].value);
        senderRow[e] = step->firstRow[std::size_t(step->edges.sender[e])];
    }
    for (std::size_t i = 0; i + 1 < step->edges.first.size(); i++)
        std::fill(receiverRow.begin() + step->edges.first[i],
                  receiverRow.begin() + step->edges.first[i + 1], step->firstRow[i]);
    edgeAdjoints.assign(4 * count, 0.0);
}

/// Pairs of the edges of some atoms and all orientations, sorted by their tile. For every row and
/// every edge the order depends on nothing else, so results do not depend on which atoms are
/// together.
template <class Real>
void TableConvolution<Real>::sortPairs(std::size_t firstEdge, std::size_t count, double sign,
                                       Scratch& own) const {
    const std::size_t padded = (count + padding - 1) / padding * padding;
    own.tiles.resize(padded);
    own.begin.assign(static_cast<std::size_t>(tilesA * tilesB) + 1, 0);
    const auto orientations = static_cast<std::size_t>(w.orientations);
    own.tiles.resize(padded * orientations);
    for (std::size_t o = 0; o < orientations; o++) {
        int* tiles = own.tiles.data() + o * padded;
        w.ponita.tiles({w.model.getDimension() == 2, static_cast<float>(table->firstA),
                        static_cast<float>(table->firstB), static_cast<float>(1 / tileSize), tilesA,
                        tilesB, directions.data() + 3 * o, vx.data() + firstEdge,
                        vy.data() + firstEdge, vz.data() + firstEdge, sign, static_cast<int>(count),
                        tiles});
        for (std::size_t e = 0; e < count; e++)
            own.begin[static_cast<std::size_t>(tiles[e]) + 1]++;
    }
    for (std::size_t tile = 1; tile < own.begin.size(); tile++)
        own.begin[tile] += own.begin[tile - 1];
    own.edge.resize(count * orientations);
    own.orientation.resize(count * orientations);
    for (std::size_t o = 0; o < orientations; o++)
        for (std::size_t e = 0; e < count; e++) {
            const auto place = static_cast<std::size_t>(
                own.begin[static_cast<std::size_t>(own.tiles[o * padded + e])]++);
            own.edge[place] = static_cast<int>(firstEdge + e);
            own.orientation[place] = static_cast<int>(o);
        }
}

/// Calls body(first atom, atoms, arguments) for groups of atoms, with their pairs sorted.
template <class Real>
template <class Body>
void TableConvolution<Real>::forChunks(int layer, double sign, Workers& workers, const Body& body) {
    scratch.resize(static_cast<std::size_t>(workers.size()));
    const int numAtoms = step->edges.numAtoms;
    const int chunk = std::clamp(numAtoms / (4 * workers.size()), 1, 48);
    workers.forEach((numAtoms + chunk - 1) / chunk, [&](int item, int worker) {
        Scratch& own = scratch[static_cast<std::size_t>(worker)];
        const int atom = item * chunk, end = std::min(numAtoms, atom + chunk);
        const auto first =
            static_cast<std::size_t>(step->edges.first[static_cast<std::size_t>(atom)]);
        const auto last =
            static_cast<std::size_t>(step->edges.first[static_cast<std::size_t>(end)]);
        sortPairs(first, last - first, sign, own);
        TableArgs<Real> args{};
        args.degree = table->degree;
        args.blocks = w.blocks;
        args.isPlanar = w.model.getDimension() == 2;
        args.smoothDelta = w.model.smoothDelta;
        args.firstA = table->firstA;
        args.firstB = table->firstB;
        args.inverseSpacing = 1 / table->spacing;
        args.table = table->coefficients.data() +
                     static_cast<std::size_t>(layer) * table->layerSize(w.blocks * w.lanes);
        args.rowStride = static_cast<std::size_t>(table->sizeB * w.blocks * w.lanes);
        args.directions = directions.data();
        args.vx = vx.data();
        args.vy = vy.data();
        args.vz = vz.data();
        args.sign = sign;
        args.windows = windows.data();
        args.otherRow = senderRow.data();
        args.ownRow = receiverRow.data();
        args.count = static_cast<int>(own.edge.size());
        args.edge = own.edge.data();
        args.orientation = own.orientation.data();
        body(atom, end - atom, args);
    });
}

template <class Real>
void TableConvolution<Real>::addSelf(int layer, int atom, int atoms, const RowArray<Real>& x,
                                     RowArray<Real>& y, bool accumulate) const {
    const auto offset =
        static_cast<std::size_t>(step->firstRow[static_cast<std::size_t>(atom)] * w.lanes);
    w.ponita.self({w.blocks, atoms * w.orientations, self[static_cast<std::size_t>(layer)].data(),
                   x.data.data() + offset, y.data.data() + offset, x.stride, y.stride, accumulate});
}

template <class Real>
void TableConvolution<Real>::forward(int layer, const RowArray<Real>& h, RowArray<Real>& y,
                                     Workers& workers) {
    forChunks(layer, 1, workers, [&](int atom, int atoms, TableArgs<Real>& args) {
        addSelf(layer, atom, atoms, h, y, false);
        args.x = h.data.data();
        args.xStride = h.stride;
        args.y = y.data.data();
        args.yStride = y.stride;
        w.ponita.table(args);
    });
}

template <class Real>
void TableConvolution<Real>::backward(int layer, const RowArray<Real>& h,
                                      const RowArray<Real>& yAdjoint, RowArray<Real>* hAdjoint,
                                      Workers& workers) {
    forChunks(layer, -1, workers, [&](int atom, int atoms, TableArgs<Real>& args) {
        args.x = yAdjoint.data.data();
        args.xStride = yAdjoint.stride;
        args.own = h.data.data();
        args.ownStride = h.stride;
        if (hAdjoint) {
            addSelf(layer, atom, atoms, yAdjoint, *hAdjoint, true);
            args.y = hAdjoint->data.data();
            args.yStride = hAdjoint->stride;
        }
        args.gradients = edgeAdjoints.data();
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
