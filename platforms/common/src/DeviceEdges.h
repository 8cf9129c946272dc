// SPDX-License-Identifier: MIT
#pragma once

#include "EdgesText.h"
#include "EquivariantForce.h"

#include <openmm/common/ComputeArray.h>
#include <openmm/common/ComputeContext.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// Positions, neighbor list and edges of the atoms of a force in the memory of a device. Atoms are
/// in the order of the network ("internal"). An atom's entries begin at its number times the
/// capacity, which is in the status array, since it may grow.
///
/// The list holds all pairs within the cutoff and a skin, images included. It no longer serves when
/// an atom has moved by half the skin or the box has changed. It is made again a little earlier,
/// for the device finds out in the middle of an evaluation, which then has to be repeated.
class DeviceEdges {
public:
    /// @param particles  [atoms] particle of the System
    DeviceEdges(OpenMM::ComputeContext& cc, const std::vector<int>& particles,
                const EdgesOptions& options, const std::string& derivativeName);
    ~DeviceEdges();
    DeviceEdges(const DeviceEdges&) = delete;
    DeviceEdges& operator=(const DeviceEdges&) = delete;

    /// Launches what makes the edges. Throws equivariant::Error for a box that cannot be.
    void update();

    /// Waits for the edges only. Returns false if the list did not serve or had too little room:
    /// everything launched since update() has to be done again. Throws equivariant::Error for
    /// positions that cannot be; `indices` are the atoms' numbers in messages.
    bool check(const std::vector<int>& indices);

    /// Adds to the energy of the Context, scaled, to its derivative by the scale, kJ/mol, and to
    /// the forces. Has to be called before the next update(), or clearFlags().
    void addToContext(double scale, double isolatedEnergy, bool withForces);
    void clearFlags();

    /// Entries of an atom, some of them not in use.
    int getCapacity() const { return capacity; }

    /// [atoms] eV
    std::vector<double> getAtomEnergies();

    /// eV: -sum of displacement times gradient over all edges.
    std::vector<OpenMM::Vec3> getVirial();

    OpenMM::ComputeArray status;     ///< EdgeStatus
    OpenMM::ComputeArray edgeCounts; ///< [atoms]
    OpenMM::ComputeArray senders;    ///< [entries] atom at the other end
    OpenMM::ComputeArray edges;      ///< [entries] unit vector from there, and distance in Å
    OpenMM::ComputeArray
        gradients; ///< [entries][parts] dE/d(displacement) of the reverse edge, eV/Å
    OpenMM::ComputeArray atomEnergies; ///< [atoms][parts] eV

private:
    class Listener;
    void uploadSlots();
    void allocate(int newCapacity);
    void makeKernels(const EdgesOptions& options, const std::string& derivativeName);
    void setBox();
    void makeList();
    void setMixed4(const OpenMM::ComputeKernel& kernel, int index, double x, double y,
                   double z) const;

    OpenMM::ComputeContext& cc;
    const std::vector<int> particles;
    const int numAtoms, parts;
    const double cutoff;
    const bool periodic, hasDerivative, mixedIsDouble;
    const int maxCells;
    int capacity = 0;
    bool mustMakeList = true, listIsNew = false;
    /// How many evaluations to come make the list without asking whether it serves.
    int jumps = 0;
    OpenMM::Vec3 box[3];
    Listener* listener;
    OpenMM::ComputeArray slots, positions, builtPositions;
    OpenMM::ComputeArray cellEnds, atomsOfCells, found, neighbors, neighborCounts;
    OpenMM::ComputeKernel gather, sortAtoms, find, sortPairs, make, output;
    OpenMM::ComputeEvent madeEdges;
};

} // namespace EquivariantPlugin
