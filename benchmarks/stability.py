# SPDX-License-Identifier: MIT
"""Molecular dynamics of one molecule: does it hold together, and is its energy conserved?

    stability.py [--model MODEL] [--smiles SMILES] [--platform P] [--nvt PS] [--nve PS]

Langevin dynamics at 300 K (default: 0.5 ps; a friction of 10/ps), then NVE from where it ends
(default: 2 ps), both at 0.5 fs; prints JSON. A bond of the SMILES is broken once it is half as long
again as in the minimised molecule; the run stops there. The hydrogen of a hydroxyl group may hop from
one oxygen to another, as in the enol of acetylacetone. The drift is the slope of a straight line
through the total energy; its bound is 0.1 meV/atom/ps for the Reference platform and 0.2 for the
others. Memory is the resident memory after a tenth of the NVE steps and at the end.
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
from run_3bpa import EV, ROOT, SMILES, make_molecule, make_simulation  # noqa: E402

from openmmequivariant import Model  # noqa: E402

SAMPLE = 4  # steps between two energies
CHECK = 200  # steps between two looks at the bonds
BROKEN = 1.5


def total_energy(simulation):
    """meV"""
    state = simulation.context.getState(getEnergy=True)
    energy = state.getPotentialEnergy() + state.getKineticEnergy()
    return energy.value_in_unit(unit.kilojoule_per_mole) / EV * 1000


class BrokenBond(Exception):
    """Says which one."""


class Bonds:
    """Lengths of the bonds of a topology, relative to those of a simulation's present positions. The
    hydrogen of a hydroxyl group is bonded to the oxygen that is nearest."""

    def __init__(self, simulation):
        self.simulation = simulation
        self.atoms = [(a.index, b.index) for a, b in simulation.topology.bonds()]
        symbols = [atom.element.symbol for atom in simulation.topology.atoms()]
        oxygens = [index for index, symbol in enumerate(symbols) if symbol == "O"]
        self.pairs = []  # for every bond, those that it may be
        for a, b in self.atoms:
            hydrogen = {("H", "O"): a, ("O", "H"): b}.get((symbols[a], symbols[b]))
            self.pairs.append([(a, b)] if hydrogen is None else [(hydrogen, o) for o in oxygens])
        self.reference = self.measure()

    def measure(self):
        state = self.simulation.context.getState(getPositions=True)
        x = state.getPositions(asNumpy=True)._value
        return np.array([min(np.linalg.norm(x[a] - x[b]) for a, b in pairs)
                         for pairs in self.pairs])

    def check(self):
        """The largest relative length. Raises BrokenBond."""
        lengths = self.measure() / self.reference
        worst = int(np.argmax(lengths))
        if not lengths[worst] < BROKEN:
            raise BrokenBond(f"bond {self.atoms[worst]} is {lengths[worst]:.2f} times as long as "
                             f"it was after {self.simulation.currentStep} steps")
        return float(lengths[worst])


def run_watched(simulation, bonds, steps):
    """The largest relative length of a bond. Raises BrokenBond."""
    longest = bonds.check()
    for start in range(0, steps, CHECK):
        simulation.step(min(CHECK, steps - start))
        longest = max(longest, bonds.check())
    return longest


def run_nve(simulation, steps, timestep):
    """Drift and spread of the energy, speed and memory."""
    energies = np.zeros(steps // SAMPLE)
    start = time.perf_counter()
    for sample in range(len(energies)):
        simulation.step(SAMPLE)
        energies[sample] = total_energy(simulation)
        if sample == len(energies) // 10:
            early_memory = read_memory("VmRSS")
    seconds = time.perf_counter() - start
    atoms = simulation.topology.getNumAtoms()
    times = np.arange(1, len(energies) + 1) * SAMPLE * timestep / 1000
    return {"drift_mev_per_atom_per_ps": np.polyfit(times, energies, 1)[0] / atoms,
            "standard_deviation_mev_per_atom": float(np.std(energies)) / atoms,
            "ns_per_day": steps * timestep * 1e-6 / seconds * 86400,
            "early_memory_mb": early_memory,
            "late_memory_mb": read_memory("VmRSS")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(ROOT / "data/models/3bpa-mace.safetensors"))
    parser.add_argument("--smiles", default=SMILES)
    parser.add_argument("--platform", default="Reference")
    parser.add_argument("--nvt", type=float, default=0.5, help="ps")
    parser.add_argument("--nve", type=float, default=2.0, help="ps")
    parser.add_argument("--timestep", type=float, default=0.5, help="fs")
    arguments = parser.parse_args()
    timestep = arguments.timestep * unit.femtosecond
    model = Model(arguments.model)
    topology, positions = make_molecule(arguments.smiles)
    langevin = mm.LangevinMiddleIntegrator(300 * unit.kelvin, 10 / unit.picosecond, timestep)
    langevin.setRandomNumberSeed(1)
    warm = make_simulation(topology, positions, model, langevin, arguments.platform)
    warm.minimizeEnergy(tolerance=50 * unit.kilojoule_per_mole / unit.nanometer)
    bonds = Bonds(warm)
    warm.context.setVelocitiesToTemperature(300 * unit.kelvin, 1)
    longest = run_watched(warm, bonds, round(arguments.nvt * 1000 / arguments.timestep))
    state = warm.context.getState(getPositions=True, getVelocities=True)

    nve = make_simulation(topology, state.getPositions(), model, mm.VerletIntegrator(timestep),
                          arguments.platform)
    nve.context.setVelocities(state.getVelocities())
    report = {"platform": arguments.platform, "timestep_fs": arguments.timestep,
              "nvt_ps": arguments.nvt, "longest_bond": longest, "nve_ps": arguments.nve,
              **run_nve(nve, round(arguments.nve * 1000 / arguments.timestep),
                        arguments.timestep)}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    try:
        main()
    except BrokenBond as error:
        sys.exit(str(error))
