// SPDX-License-Identifier: MIT
#include "DeviceEdges.h"

#include "DeviceArrays.h"
#include "equivariant/Error.h"
#include "equivariant/Lattice.h"
#include "internal/EquivariantUnits.h"

#include <algorithm>
#include <cmath>

namespace EquivariantPlugin {

using OpenMM::ComputeContext;
using OpenMM::mm_double4;
using OpenMM::mm_float4;
using OpenMM::mm_int4;
using OpenMM::Vec3;

namespace {

constexpr int startCapacity = 64;
/// A hash function of fewer cells a side would find a pair twice.
constexpr int leastHashed = 4;
/// Evaluations after one whose positions were far from those before it, as when copies of a system
/// take turns.
constexpr int jumpsExpected = 16;

mm_int4 chooseCells(const Vec3& most, int maxCells) {
    int cells[3];
    for (int i = 0; i < 3; i++)
        cells[i] = static_cast<int>(std::min(std::max(most[i], 1.0), double(maxCells)));
    while (double(cells[0]) * cells[1] * cells[2] > maxCells) {
        int& largest = *std::max_element(cells, cells + 3);
        largest = (largest + 1) / 2;
    }
    return {cells[0], cells[1], cells[2], 0};
}

} // namespace

/// OpenMM sorts its atoms anew from time to time, and moves molecules by box vectors then.
class DeviceEdges::Listener : public ComputeContext::ReorderListener {
public:
    explicit Listener(DeviceEdges& owner) : owner(&owner) {}
    void execute() override {
        if (owner)
            owner->uploadSlots();
    }
    /// OpenMM keeps listeners as long as the Context.
    DeviceEdges* owner;
};

DeviceEdges::DeviceEdges(ComputeContext& cc, const std::vector<int>& particles,
                         const EdgesOptions& options, const std::string& derivativeName)
    : cc(cc), particles(particles), numAtoms(static_cast<int>(particles.size())),
      parts(options.parts), cutoff(options.cutoff), periodic(options.periodic),
      hasDerivative(!derivativeName.empty()),
      mixedIsDouble(cc.getUseDoublePrecision() || cc.getUseMixedPrecision()),
      maxCells(std::max(numAtoms, leastHashed * leastHashed * leastHashed)),
      listener(new Listener(*this)) {
    const int realSize = cc.getUseDoublePrecision() ? sizeof(mm_double4) : sizeof(mm_float4);
    const int mixedSize = mixedIsDouble ? sizeof(mm_double4) : sizeof(mm_float4);
    slots.initialize<int>(cc, numAtoms, "equivariantSlots");
    positions.initialize(cc, numAtoms, mixedSize, "equivariantPositions");
    builtPositions.initialize(cc, numAtoms, mixedSize, "equivariantBuiltPositions");
    status.initialize<int>(cc, EdgeStatus::StatusSize, "equivariantStatus");
    cellEnds.initialize<int>(cc, maxCells, "equivariantCellEnds");
    atomsOfCells.initialize<int>(cc, numAtoms, "equivariantAtomsOfCells");
    neighborCounts.initialize<int>(cc, numAtoms, "equivariantNeighborCounts");
    edgeCounts.initialize<int>(cc, numAtoms, "equivariantEdgeCounts");
    atomEnergies.initialize(cc, std::size_t(numAtoms) * parts, mixedSize / 4,
                            "equivariantAtomEnergies");
    found.initialize<mm_int4>(cc, 1, "equivariantFound");
    neighbors.initialize<mm_int4>(cc, 1, "equivariantNeighbors");
    senders.initialize<int>(cc, 1, "equivariantSenders");
    edges.initialize(cc, 1, realSize, "equivariantEdges");
    gradients.initialize(cc, 1, realSize, "equivariantGradients");
    cc.clearBuffer(builtPositions);
    cc.clearBuffer(status);
    cc.clearBuffer(atomEnergies);
    status.uploadSubArray(&numAtoms, EdgeStatus::AtomCount, 1);
    allocate(std::min(startCapacity, std::isfinite(cutoff) ? startCapacity : numAtoms));
    uploadSlots();
    cc.addReorderListener(listener);
    madeEdges = cc.createEvent();
    makeKernels(options, derivativeName);
}

void DeviceEdges::makeKernels(const EdgesOptions& options, const std::string& derivativeName) {
    const auto& names = cc.getEnergyParamDerivNames();
    const KernelText text = makeEdgesText(
        options, {cc.getUseDoublePrecision(), mixedIsDouble},
        hasDerivative ? static_cast<int>(std::find(names.begin(), names.end(), derivativeName) -
                                         names.begin())
                      : -1,
        static_cast<int>(names.size()));
    const auto program = cc.compileProgram(text.source, text.defines);

    gather = program->createKernel("gatherPositions");
    gather->addArg(cc.getPosq());
    if (cc.getUseMixedPrecision())
        gather->addArg(cc.getPosqCorrection());
    for (auto* array : {&slots, &positions, &builtPositions, &status})
        gather->addArg(*array);

    sortAtoms = program->createKernel("sortIntoCells");
    for (auto* array : {&positions, &builtPositions, &cellEnds, &atomsOfCells, &status})
        sortAtoms->addArg(*array);
    for (int i = 0; i < 4; i++)
        sortAtoms->addArg();

    find = program->createKernel("findNeighbors");
    for (auto* array : {&positions, &cellEnds, &atomsOfCells, &found, &neighborCounts, &status})
        find->addArg(*array);
    for (int i = 0; i < 8; i++)
        find->addArg();

    sortPairs = program->createKernel("sortNeighbors");
    for (auto* array : {&found, &neighbors, &neighborCounts, &status})
        sortPairs->addArg(*array);

    make = program->createKernel("makeEdges");
    for (auto* array : {&positions, &neighbors, &neighborCounts, &edgeCounts, &senders, &edges,
                        &gradients, &status})
        make->addArg(*array);
    for (int i = 0; i < 3; i++)
        make->addArg();

    output = program->createKernel("addToContext");
    output->addArg(atomEnergies);
    output->addArg(cc.getEnergyBuffer());
    if (hasDerivative) {
        output->addArg(cc.getEnergyParamDerivBuffer());
        output->addArg();
    }
    for (auto* array : {&edgeCounts, &senders, &gradients, &status, &slots})
        output->addArg(*array);
    output->addArg(cc.getLongForceBuffer());
    output->addArg(cc.getPaddedNumAtoms());
    output->addArg();
    output->addArg();
}

DeviceEdges::~DeviceEdges() {
    listener->owner = nullptr;
}

void DeviceEdges::uploadSlots() {
    const auto& order = cc.getAtomIndex();
    std::vector<int> slotOf(order.size()), own(numAtoms);
    for (std::size_t slot = 0; slot < order.size(); slot++)
        slotOf[order[slot]] = static_cast<int>(slot);
    for (int i = 0; i < numAtoms; i++)
        own[i] = slotOf[particles[i]];
    slots.upload(own);
    mustMakeList = true;
}

void DeviceEdges::allocate(int newCapacity) {
    capacity = std::max(newCapacity, 1);
    const std::size_t size = static_cast<std::size_t>(capacity) * numAtoms;
    if (size * parts > std::size_t(1) << 30)
        throw equivariant::Error(
            "there are too many pairs of atoms within the cutoff: more than "
            "2^30" +
            (parts > 1 ? " over " + std::to_string(parts) + " orientations" : std::string()));
    for (auto* array : {&found, &neighbors, &senders, &edges})
        array->resize(size);
    gradients.resize(size * parts);
    status.uploadSubArray(&capacity, EdgeStatus::Capacity, 1);
    mustMakeList = true;
}

void DeviceEdges::setMixed4(const OpenMM::ComputeKernel& kernel, int index, double x, double y,
                            double z) const {
    if (mixedIsDouble)
        kernel->setArg(index, mm_double4(x, y, z, 0));
    else
        kernel->setArg(index, mm_float4(static_cast<float>(x), static_cast<float>(y),
                                        static_cast<float>(z), 0));
}

/// Hands the box over, in Å; a changed one needs a new list. Without periodic boundaries a box of
/// cubic cells takes its place: atoms that share a cell by accident are too far apart to be pairs.
void DeviceEdges::setBox() {
    Vec3 now[3];
    cc.getPeriodicBoxVectors(now[0], now[1], now[2]);
    if (periodic && (now[0] != box[0] || now[1] != box[1] || now[2] != box[2]))
        mustMakeList = true;
    equivariant::Structure structure;
    structure.periodic.fill(periodic);
    for (int i = 0; i < 3; i++) {
        box[i] = now[i];
        for (int j = 0; periodic && j < 3; j++)
            structure.cell(i, j) = angstromsPerNanometer * now[i][j];
    }
    equivariant::Lattice lattice = equivariant::makeLattice(structure, cutoff + skin);
    mm_int4 numCells(1, 1, 1, 0);
    if (periodic)
        numCells = chooseCells(
            Vec3(1 / lattice.range[0], 1 / lattice.range[1], 1 / lattice.range[2]), maxCells);
    else if (std::isfinite(cutoff)) {
        const int cells = static_cast<int>(std::cbrt(maxCells + 0.5));
        numCells = mm_int4(cells, cells, cells, 0);
        lattice.inverse = Eigen::Matrix3d::Identity() / (cells * (cutoff + skin));
        lattice.range.setConstant(1.0 / cells);
    }
    sortAtoms->setArg(5, numCells);
    find->setArg(6, numCells);
    for (int i = 0; i < 3; i++) {
        const auto row = lattice.cell.row(i), inverse = lattice.inverse.row(i);
        setMixed4(sortAtoms, 6 + i, inverse[0], inverse[1], inverse[2]);
        setMixed4(find, 7 + i, inverse[0], inverse[1], inverse[2]);
        setMixed4(find, 11 + i, row[0], row[1], row[2]);
        setMixed4(make, 8 + i, row[0], row[1], row[2]);
    }
    setMixed4(find, 10, lattice.range[0], lattice.range[1], lattice.range[2]);
}

void DeviceEdges::makeList() {
    sortAtoms->execute(cellGroup, cellGroup);
    find->execute(numAtoms);
    sortPairs->execute(numAtoms * edgeGroup, edgeGroup);
}

void DeviceEdges::update() {
    setBox();
    gather->execute(numAtoms);
    listIsNew = mustMakeList || jumps > 0;
    jumps = std::max(jumps - 1, 0);
    mustMakeList = false;
    if (listIsNew)
        makeList();
    make->execute(numAtoms * edgeGroup, edgeGroup);
    status.download(cc.getPinnedBuffer(), false);
    madeEdges->enqueue();
    cc.flushQueue();
}

bool DeviceEdges::check(const std::vector<int>& indices) {
    madeEdges->wait();
    const int* flags = static_cast<const int*>(cc.getPinnedBuffer());
    if (flags[EdgeStatus::NotFinite]) {
        const int atom = indices[flags[EdgeStatus::NotFinite] - 1];
        clearFlags();
        throw equivariant::Error("the position of atom " + std::to_string(atom) + " is not finite");
    }
    if (!listIsNew) {
        mustMakeList = flags[EdgeStatus::Aged] != 0;
        if (flags[EdgeStatus::Stale]) {
            clearFlags();
            jumps = jumpsExpected;
            return false;
        }
    }
    if (flags[EdgeStatus::Overflow]) {
        clearFlags();
        std::vector<int> counts;
        neighborCounts.download(counts);
        const int most = *std::max_element(counts.begin(), counts.end());
        allocate(most + most / 4);
        return false;
    }
    if (flags[EdgeStatus::Coincident]) {
        const int i = indices[flags[EdgeStatus::Coincident] - 1],
                  j = indices[flags[EdgeStatus::CoincidentWith] - 1];
        clearFlags();
        throw equivariant::Error("atoms " + std::to_string(std::min(i, j)) + " and " +
                                 std::to_string(std::max(i, j)) + " coincide");
    }
    if (flags[EdgeStatus::NotPlanar]) {
        const int i = indices[flags[EdgeStatus::NotPlanar] - 1];
        const int j = indices[flags[EdgeStatus::NotPlanarWith] - 1];
        clearFlags();
        throw equivariant::Error("this PONITA model is planar, but atoms " + std::to_string(j) +
                                 " and " + std::to_string(i) + " differ in z");
    }
    return true;
}

void DeviceEdges::clearFlags() {
    const std::vector<int> zeros(EdgeStatus::NumFlags, 0);
    status.uploadSubArray(zeros.data(), 0, EdgeStatus::NumFlags);
    mustMakeList = true;
}

void DeviceEdges::addToContext(double scale, double isolatedEnergy, bool withForces) {
    if (hasDerivative)
        setMixed(cc, output, 3, isolatedEnergy);
    const int next = hasDerivative ? 11 : 9;
    setMixed(cc, output, next, scale);
    output->setArg(next + 1, static_cast<int>(withForces));
    output->execute(numAtoms * edgeGroup, edgeGroup);
}

std::vector<double> DeviceEdges::getAtomEnergies() {
    std::vector<double> values, sums(numAtoms, 0.0);
    atomEnergies.download(values, true);
    for (std::size_t i = 0; i < values.size(); i++)
        sums[i / parts] += values[i];
    return sums;
}

std::vector<Vec3> DeviceEdges::getVirial() {
    std::vector<int> counts;
    edgeCounts.download(counts);
    std::vector<mm_double4> edge, gradient;
    edges.download(edge, true);
    gradients.download(gradient, true);
    std::vector<Vec3> rows(3);
    for (int i = 0; i < numAtoms; i++)
        for (int n = i * capacity; n < i * capacity + counts[i]; n++) {
            const Vec3 displacement = -edge[n].w * Vec3(edge[n].x, edge[n].y, edge[n].z);
            Vec3 slope;
            for (int p = n * parts; p < (n + 1) * parts; p++)
                slope += Vec3(gradient[p].x, gradient[p].y, gradient[p].z);
            for (int a = 0; a < 3; a++)
                rows[a] -= slope * displacement[a];
        }
    return rows;
}

} // namespace EquivariantPlugin
