// SPDX-License-Identifier: MIT
//
// The convolution over neighbors with tabulated kernels. Rows of different orientations never meet
// here, so the orientations are shared out among the workers, an orientation together with its
// antipode if all have one: then one kernel serves an edge and its reverse. Lookups are sorted by
// their place in the table; the order of the sums in a row, and of those for an edge and a class of
// orientations, does not depend on which classes are sorted together.
#include "ponita/KernelTable.h"
#include "ponita/OrientationClasses.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

constexpr std::size_t padding = 16;      ///< edges that kernels may read behind the last
constexpr int atomsOfSlab = 1024;        ///< whose lookups are sorted together
constexpr std::size_t classesAtOnce = 5; ///< so that their features stay in the cache, ...
constexpr double smallTable = 3e6;       ///< ... where the table of a layer does so anyway: bytes

/// Chunks of at most tableChunk lookups. Tiles with few of them share one.
/// @param tileEnds  [tiles + 1] ends of the tiles
void findChunks(const std::vector<int>& tileEnds, std::vector<int>& chunkEnds) {
    chunkEnds.clear();
    int chunkBegin = 0, tileBegin = 0;
    const auto close = [&](int end) {
        if (end > chunkBegin)
            chunkEnds.push_back(end);
        chunkBegin = end;
    };
    for (std::size_t tile = 0; tile + 1 < tileEnds.size(); tile++) {
        const int tileEnd = tileEnds[tile];
        const bool isFull = tileEnd - tileBegin >= leastCopied;
        if (isFull || tileEnd - chunkBegin > tableChunk)
            close(tileBegin);
        while (isFull && chunkBegin < tileEnd)
            close(std::min(chunkBegin + tableChunk, tileEnd));
        tileBegin = tileEnd;
    }
    close(tileBegin);
}

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
    /// Sorted lookups of the edges of a slab and some classes.
    struct Lookups {
        std::vector<int> edge, orientation; ///< edges counted from the first of the slab
        std::vector<int> chunkEnds;         ///< of chunks that do not reach across tiles
    };
    /// As in TableArgs.
    struct Prepared {
        VectorArray<Real> signs, weights, slopes;
        std::vector<int> cells, rows, chunkCells;
        VectorArray<double> sums;
    };
    struct Scratch {
        std::vector<int> tiles, begin;
    };

    void chooseTiles();
    void listEdges();
    void sortLookups(std::size_t slab, std::size_t task, Scratch& own);
    TableArgs<Real> argsOf(int layer, std::size_t slab, std::size_t task);
    void prepare(std::size_t slab, std::size_t task);
    void addGradients(std::size_t slab, Workers& workers);
    void addSelf(int layer, const RowArray<Real>& x, RowArray<Real>& y, bool accumulate,
                 Workers& workers) const;

    const PonitaWeights<Real>& w;
    std::shared_ptr<const KernelTable<Real>> table;
    std::vector<VectorArray<Real>> self; ///< [layers] kernel of an atom with itself
    std::vector<double> directions;
    OrientationClasses classes;
    double tileSize = 0; ///< Å
    int tilesA = 0, tilesB = 0;
    // of the step
    const PonitaStep* step = nullptr;
    std::vector<int> edges;                    ///< of a pair of edges that share lookups only one
    std::vector<std::size_t> slabs;            ///< where their edges begin, and the end
    std::vector<double> vx, vy, vz;            ///< [edges]
    std::vector<Real> windows;                 ///< [edges]
    std::vector<int> senderRow, receiverRow;   ///< [edges]
    std::vector<std::size_t> tasks;            ///< where their classes begin, and the end
    std::vector<std::vector<Lookups>> lookups; ///< [slab][task]
    std::vector<Prepared>
        prepared; ///< [task] of one slab; for the whole step if it is the only one
    std::vector<double> partialAdjoints; ///< [class][edges of a slab][4]
    std::vector<double> edgeAdjoints;    ///< [edges][4]
    std::vector<Scratch> scratch;        ///< [workers]
};

template <class Real>
TableConvolution<Real>::TableConvolution(const PonitaWeights<Real>& weights,
                                         std::shared_ptr<const KernelTable<Real>> table)
    : w(weights), table(std::move(table)),
      // to the precision of the features
      classes(weights.model.orientations, 10 * std::numeric_limits<Real>::epsilon()) {
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

/// Tiles whose knots the kernel copies, with one to spare for rounding, but not very many.
template <class Real> void TableConvolution<Real>::chooseTiles() {
    int cells = tableTile - table->degree - 1;
    for (;; cells++) {
        tilesA = table->sizeA / cells + 1;
        tilesB = table->sizeB / cells + 1;
        if (tilesA * tilesB <= 8192)
            break;
    }
    tileSize = cells * table->spacing;
}

template <class Real> void TableConvolution<Real>::listEdges() {
    const Edges& all = step->edges;
    edges.clear();
    slabs.clear();
    receiverRow.clear();
    for (int i = 0; i < all.numAtoms; i++) {
        const auto atom = static_cast<std::size_t>(i);
        if (i % atomsOfSlab == 0)
            slabs.push_back(edges.size());
        for (int e = all.first[atom]; e < all.first[atom + 1]; e++)
            if (e < all.reverse[static_cast<std::size_t>(e)]) {
                edges.push_back(e);
                receiverRow.push_back(step->firstRow[atom]);
            }
    }
    slabs.push_back(edges.size());
    const std::size_t count = edges.size();
    for (std::vector<double>* array : {&vx, &vy, &vz})
        array->assign(count + padding, 0.0);
    windows.resize(count);
    senderRow.resize(count);
    for (std::size_t k = 0; k < count; k++) {
        const auto e = static_cast<std::size_t>(edges[k]);
        vx[k] = step->v[e][0];
        vy[k] = step->v[e][1];
        vz[k] = step->v[e][2];
        windows[k] = static_cast<Real>(step->windows[e].value);
        senderRow[k] = step->firstRow[static_cast<std::size_t>(all.sender[e])];
    }
}

template <class Real>
void TableConvolution<Real>::begin(const PonitaStep& newStep, Workers& workers) {
    step = &newStep;
    listEdges();
    edgeAdjoints.assign(4 * edges.size(), 0.0);
    const auto tableBytes =
        static_cast<double>(table->layerSize(w.blocks * w.lanes) * sizeof(table->coefficients[0]));
    const std::size_t parts =
        tableBytes > smallTable ? 1 : (classes.members.size() + classesAtOnce - 1) / classesAtOnce;
    const std::size_t wanted = static_cast<std::size_t>(workers.size());
    const std::size_t count = std::min(classes.members.size(), std::max(wanted, parts));
    tasks.clear();
    for (std::size_t task = 0; task <= count; task++)
        tasks.push_back(task * classes.members.size() / count);
    lookups.resize(slabs.size() - 1);
    for (auto& ofSlab : lookups)
        ofSlab.resize(count);
    scratch.resize(static_cast<std::size_t>(workers.size()));
    prepared.resize(count);
    workers.forEach(static_cast<int>(lookups.size() * count), [&](int item, int worker) {
        const auto index = static_cast<std::size_t>(item);
        sortLookups(index / count, index % count, scratch[static_cast<std::size_t>(worker)]);
        if (lookups.size() == 1)
            prepare(0, index);
    });
}

template <class Real>
void TableConvolution<Real>::sortLookups(std::size_t slab, std::size_t task, Scratch& own) {
    const std::size_t first = slabs[slab], count = slabs[slab + 1] - first;
    const std::size_t padded = (count + padding - 1) / padding * padding;
    std::vector<int> members;
    for (std::size_t c = tasks[task]; c < tasks[task + 1]; c++)
        members.insert(members.end(), classes.members[c].begin(), classes.members[c].end());
    own.begin.assign(static_cast<std::size_t>(tilesA * tilesB) + 1, 0);
    own.tiles.resize(padded * members.size());
    for (std::size_t m = 0; m < members.size(); m++) {
        int* tiles = own.tiles.data() + m * padded;
        w.ponita.tiles({w.model.getDimension() == 2, !classes.antipodes.empty(),
                        static_cast<float>(table->firstA), static_cast<float>(table->firstB),
                        static_cast<float>(1 / tileSize), tilesA, tilesB,
                        directions.data() + 3 * static_cast<std::size_t>(members[m]),
                        vx.data() + first, vy.data() + first, vz.data() + first,
                        static_cast<int>(count), tiles});
        for (std::size_t e = 0; e < count; e++)
            own.begin[static_cast<std::size_t>(tiles[e]) + 1]++;
    }
    for (std::size_t tile = 1; tile < own.begin.size(); tile++)
        own.begin[tile] += own.begin[tile - 1];
    Lookups& result = lookups[slab][task];
    result.edge.resize(count * members.size());
    result.orientation.resize(count * members.size());
    for (std::size_t m = 0; m < members.size(); m++)
        for (std::size_t e = 0; e < count; e++) {
            const auto place = static_cast<std::size_t>(
                own.begin[static_cast<std::size_t>(own.tiles[m * padded + e])]++);
            result.edge[place] = static_cast<int>(e);
            result.orientation[place] = members[m];
        }
    findChunks(own.begin, result.chunkEnds);
}

template <class Real>
TableArgs<Real> TableConvolution<Real>::argsOf(int layer, std::size_t slab, std::size_t task) {
    const std::size_t first = slabs[slab];
    const Lookups& own = lookups[slab][task];
    Prepared& buffers = prepared[task];
    TableArgs<Real> args{};
    args.degree = table->degree;
    args.blocks = w.blocks;
    args.isPlanar = w.model.getDimension() == 2;
    args.smoothDelta = w.model.smoothDelta;
    args.firstA = table->firstA;
    args.firstB = table->firstB;
    args.inverseSpacing = 1 / table->spacing;
    args.mirrorA = table->mirrorA;
    args.mirrorB = table->mirrorB;
    args.table = table->coefficients.data() +
                 static_cast<std::size_t>(layer) * table->layerSize(w.blocks * w.lanes);
    args.scales = table->scales.data() + layer * w.blocks * w.lanes;
    args.rowStride = static_cast<std::size_t>(table->sizeB * w.lanes);
    args.blockStride = static_cast<std::size_t>(table->sizeA) * args.rowStride;
    args.directions = directions.data();
    args.antipodes = classes.antipodes.empty() ? nullptr : classes.antipodes.data();
    args.vx = vx.data() + first;
    args.vy = vy.data() + first;
    args.vz = vz.data() + first;
    args.windows = windows.data() + first;
    args.senderRow = senderRow.data() + first;
    args.receiverRow = receiverRow.data() + first;
    args.count = static_cast<int>(own.edge.size());
    args.numChunks = static_cast<int>(own.chunkEnds.size());
    args.chunkEnds = own.chunkEnds.data();
    args.edge = own.edge.data();
    args.orientation = own.orientation.data();
    args.signs = buffers.signs.data();
    args.weights = buffers.weights.data();
    args.slopes = buffers.slopes.data();
    args.cells = buffers.cells.data();
    args.rows = buffers.rows.data();
    args.chunkCells = buffers.chunkCells.data();
    args.sums = buffers.sums.data();
    args.sumStride = buffers.sums.size() / 3;
    return args;
}

template <class Real> void TableConvolution<Real>::prepare(std::size_t slab, std::size_t task) {
    const Lookups& own = lookups[slab][task];
    Prepared& buffers = prepared[task];
    const std::size_t count = (own.edge.size() + padding - 1) / padding * padding;
    const std::size_t numWeights = 2 * static_cast<std::size_t>(table->degree + 1) * count;
    buffers.signs.resize(count);
    buffers.weights.resize(numWeights);
    buffers.slopes.resize(numWeights);
    buffers.cells.resize(2 * count);
    buffers.rows.resize(4 * count);
    buffers.chunkCells.resize(4 * own.chunkEnds.size());
    buffers.sums.assign(3 * count, 0.0);
    w.ponita.tablePrepare(argsOf(0, slab, task));
}

/// Those by the edges of a slab, from the sums over its lookups.
template <class Real>
void TableConvolution<Real>::addGradients(std::size_t slab, Workers& workers) {
    const std::size_t size = 4 * (slabs[slab + 1] - slabs[slab]);
    partialAdjoints.resize(std::max(partialAdjoints.size(), size * classes.members.size()));
    workers.forEach(static_cast<int>(tasks.size()) - 1, [&](int item, int) {
        const auto task = static_cast<std::size_t>(item);
        std::fill_n(partialAdjoints.data() + tasks[task] * size,
                    (tasks[task + 1] - tasks[task]) * size, 0.0);
        TableArgs<Real> args = argsOf(0, slab, task);
        args.gradients = partialAdjoints.data();
        args.gradientStride = size;
        args.sumOf = classes.classOf.data();
        w.ponita.tableFinish(args);
    });
    double* sums = edgeAdjoints.data() + 4 * slabs[slab];
    for (std::size_t c = 0; c < classes.members.size(); c++)
        for (std::size_t k = 0; k < size; k++)
            sums[k] += partialAdjoints[c * size + k];
}

template <class Real>
void TableConvolution<Real>::addSelf(int layer, const RowArray<Real>& x, RowArray<Real>& y,
                                     bool accumulate, Workers& workers) const {
    constexpr int chunk = 16; // atoms
    const int numAtoms = step->edges.numAtoms;
    workers.forEach((numAtoms + chunk - 1) / chunk, [&](int item, int) {
        const int atoms = std::min(chunk, numAtoms - item * chunk);
        const auto offset = static_cast<std::size_t>(item * chunk * w.orientations * w.lanes);
        w.ponita.self({w.blocks, atoms * w.orientations,
                       self[static_cast<std::size_t>(layer)].data(), x.data.data() + offset,
                       y.data.data() + offset, x.stride, y.stride, accumulate});
    });
}

template <class Real>
void TableConvolution<Real>::forward(int layer, const RowArray<Real>& h, RowArray<Real>& y,
                                     Workers& workers) {
    addSelf(layer, h, y, false, workers);
    workers.forEach(static_cast<int>(tasks.size()) - 1, [&](int item, int) {
        const auto task = static_cast<std::size_t>(item);
        for (std::size_t slab = 0; slab < lookups.size(); slab++) {
            if (lookups.size() > 1)
                prepare(slab, task);
            TableArgs<Real> args = argsOf(layer, slab, task);
            args.x = h.data.data();
            args.xStride = h.stride;
            args.y = y.data.data();
            args.yStride = y.stride;
            w.ponita.table(args);
        }
    });
}

template <class Real>
void TableConvolution<Real>::backward(int layer, const RowArray<Real>& h,
                                      const RowArray<Real>& yAdjoint, RowArray<Real>* hAdjoint,
                                      Workers& workers) {
    if (hAdjoint)
        addSelf(layer, yAdjoint, *hAdjoint, true, workers);
    for (std::size_t slab = 0; slab < lookups.size(); slab++) {
        workers.forEach(static_cast<int>(tasks.size()) - 1, [&](int item, int) {
            const auto task = static_cast<std::size_t>(item);
            if (lookups.size() > 1)
                prepare(slab, task);
            TableArgs<Real> args = argsOf(layer, slab, task);
            args.x = yAdjoint.data.data();
            args.xStride = yAdjoint.stride;
            args.features = h.data.data();
            args.featureStride = h.stride;
            if (hAdjoint) {
                args.y = hAdjoint->data.data();
                args.yStride = hAdjoint->stride;
            }
            w.ponita.tableBack(args);
        });
        if (lookups.size() > 1)
            addGradients(slab, workers);
    }
}

template <class Real>
void TableConvolution<Real>::finish(const std::vector<double>&,
                                    std::vector<Eigen::Vector3d>& gradients, Workers& workers) {
    if (lookups.size() == 1)
        addGradients(0, workers);
    for (std::size_t k = 0; k < edges.size(); k++) {
        const auto e = static_cast<std::size_t>(edges[k]);
        const double* adjoint = edgeAdjoints.data() + 4 * k;
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
