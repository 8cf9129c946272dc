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
/// The list holds all pairs within the cutoff and a skin, images included, and is made again when
/// an atom has moved by half the skin or the box has changed.
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

    /// Waits for the edges only. If they did not fit: makes room and returns false; everything
    /// launched since update() has to be done again. Throws equivariant::Error for positions that
    /// cannot be; `indices` are the atoms' numbers in messages.
    bool check(const std::vector<int>& indices);

    /// Adds to the energy of the Context, scaled, to its derivative by the scale, kJ/mol, and to
    /// the forces. Has to be called before the next update(), or clearFlags().
    void addToContext(double scale, double isolatedEnergy, bool withForces);
    void clearFlags();

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
    void setBox();
    void setMixed4(const OpenMM::ComputeKernel& kernel, int index, double x, double y,
                   double z) const;

    OpenMM::ComputeContext& cc;
    const std::vector<int> particles;
    const int numAtoms, parts;
    const double cutoff;
    const bool periodic, hasDerivative, mixedIsDouble;
    int capacity = 0;
    bool mustRebuild = true;
    OpenMM::Vec3 box[3];
    Listener* listener;
    OpenMM::ComputeArray slots, positions, builtPositions, neighbors, neighborCounts;
    OpenMM::ComputeKernel gather, find, make, output;
    OpenMM::ComputeEvent madeEdges;
};

} // namespace EquivariantPlugin
