// SPDX-License-Identifier: MIT
//
// The one place where eV and Å (models) meet kJ/mol and nm (OpenMM).
#pragma once

namespace EquivariantPlugin {

/// kJ/mol of one eV: e * Avogadro's number / 1000, both exact in the SI of 2019.
constexpr double kilojoulesPerElectronVolt = 96.48533212331;
constexpr double angstromsPerNanometer = 10;
/// kJ/mol/nm of one eV/Å.
constexpr double openmmForcePerModelForce = kilojoulesPerElectronVolt * angstromsPerNanometer;

} // namespace EquivariantPlugin
