# SPDX-License-Identifier: MIT
"""Energy conservation: NVE of 3BPA from 300 K (default: 2 ps at 0.5 fs); prints the drift as JSON.

The start is equilibrated with Langevin dynamics. The drift is the slope of a straight line through
the total energy; its bound is 0.1 meV/atom/ps for the Reference platform and 0.2 for the CPU
platform. Memory is the resident memory after a tenth of the steps and at the end.
"""
import argparse
import json
import pathlib
import sys
import time

import numpy as np
import openmm as mm
from openmm import unit

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples"))
from peer import read_memory  # noqa: E402
from run_3bpa import EV, ROOT, make_molecule, make_simulation  # noqa: E402

from openmmequivariant import Model  # noqa: E402


def total_energy(simulation):
    """meV"""
    state = simulation.context.getState(getEnergy=True)
    energy = state.getPotentialEnergy() + state.getKineticEnergy()
    return energy.value_in_unit(unit.kilojoule_per_mole) / EV * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(ROOT / "data/models/3bpa-mace.safetensors"))
    parser.add_argument("--platform", default="Reference")
    parser.add_argument("--length", type=float, default=2.0, help="ps")
    parser.add_argument("--equilibrate", type=float, default=0.5, help="ps")
    parser.add_argument("--timestep", type=float, default=0.5, help="fs")
    arguments = parser.parse_args()
    timestep = arguments.timestep * unit.femtosecond
    model = Model(arguments.model)
    topology, positions = make_molecule()
    langevin = mm.LangevinMiddleIntegrator(300 * unit.kelvin, 10 / unit.picosecond, timestep)
    langevin.setRandomNumberSeed(1)
    warm = make_simulation(topology, positions, model, langevin, arguments.platform)
    warm.minimizeEnergy(tolerance=50 * unit.kilojoule_per_mole / unit.nanometer)
    warm.context.setVelocitiesToTemperature(300 * unit.kelvin, 1)
    warm.step(round(arguments.equilibrate * 1000 / arguments.timestep))
    state = warm.context.getState(getPositions=True, getVelocities=True)

    nve = make_simulation(topology, state.getPositions(), model, mm.VerletIntegrator(timestep),
                          arguments.platform)
    nve.context.setVelocities(state.getVelocities())
    steps = round(arguments.length * 1000 / arguments.timestep)
    start = time.perf_counter()
    energies = np.zeros(steps // 4)
    for sample in range(len(energies)):
        nve.step(4)
        energies[sample] = total_energy(nve)
        if sample == len(energies) // 10:
            early_memory = read_memory("VmRSS")
    late_memory = read_memory("VmRSS")
    seconds = time.perf_counter() - start
    atoms = topology.getNumAtoms()
    times = np.arange(1, len(energies) + 1) * 4 * arguments.timestep / 1000
    print(json.dumps({
        "platform": arguments.platform,
        "length_ps": arguments.length,
        "timestep_fs": arguments.timestep,
        "drift_mev_per_atom_per_ps": np.polyfit(times, energies, 1)[0] / atoms,
        "standard_deviation_mev_per_atom": float(np.std(energies)) / atoms,
        "ns_per_day": arguments.length * 1e-3 / seconds * 86400,
        "early_memory_mb": early_memory,
        "late_memory_mb": late_memory,
    }, indent=2))


if __name__ == "__main__":
    main()
