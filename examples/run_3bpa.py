# SPDX-License-Identifier: MIT
"""Molecular dynamics of 3BPA (3-(benzyloxy)pyridin-2-amine, 27 atoms) with a MACE potential.

Builds the molecule from its SMILES, minimises it with the model, runs Langevin dynamics at 300 K
and then a short NVE run whose energy drift is printed. Writes a trajectory (DCD and the start as
PDB), a table and a plot to the output folder.
"""
import argparse
import csv
import pathlib
import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import openmm as mm  # noqa: E402
from openmm import app, unit  # noqa: E402
from rdkit import Chem  # noqa: E402
from rdkit.Chem import AllChem  # noqa: E402
from tqdm import tqdm  # noqa: E402

from openmmequivariant import EquivariantForce, Model  # noqa: E402

SMILES = "Nc1ncccc1OCc1ccccc1"
ROOT = pathlib.Path(__file__).resolve().parent.parent
EV = 96.48533212331  # kJ/mol


def make_molecule(smiles=SMILES, seed=1):
    """Topology and embedded positions (nm) of the molecule."""
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(molecule, randomSeed=seed)
    AllChem.MMFFOptimizeMolecule(molecule)
    topology = app.Topology()
    residue = topology.addResidue("BPA", topology.addChain())
    atoms = []
    for atom in molecule.GetAtoms():
        element = app.Element.getByAtomicNumber(atom.GetAtomicNum())
        atoms.append(topology.addAtom(f"{element.symbol}{atom.GetIdx() + 1}", element, residue))
    for bond in molecule.GetBonds():
        topology.addBond(atoms[bond.GetBeginAtomIdx()], atoms[bond.GetEndAtomIdx()])
    return topology, molecule.GetConformer().GetPositions() * 0.1


def make_simulation(topology, positions, model, integrator, platform):
    system = mm.System()
    for atom in topology.atoms():
        system.addParticle(atom.element.mass)
    system.addForce(EquivariantForce.fromTopology(topology, model))
    simulation = app.Simulation(topology, system, integrator,
                                mm.Platform.getPlatform(platform))
    simulation.context.setPositions(positions)
    return simulation


def run(simulation, steps, timestep, label, rows, every=10):
    """Advance and record time, energies and temperature; returns the rate in ns/day."""
    degrees = 3 * simulation.topology.getNumAtoms()
    start = time.perf_counter()
    with tqdm(total=steps, desc=label, unit="step") as bar:
        for _ in range(0, steps, every):
            simulation.step(every)
            state = simulation.context.getState(getEnergy=True)
            potential = state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole)
            kinetic = state.getKineticEnergy().value_in_unit(unit.kilojoule_per_mole)
            temperature = 2 * kinetic / (degrees * 8.31446261815324e-3)
            rows.append((label, state.getTime().value_in_unit(unit.femtosecond), potential,
                         potential + kinetic, temperature))
            bar.update(every)
            rate = bar.n * timestep * 1e-6 / (time.perf_counter() - start) * 86400
            bar.set_postfix_str(f"{rate:.3f} ns/day, {temperature:.0f} K")
    return rate


def plot(rows, atoms, path):
    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(8, 6))
    for label in dict.fromkeys(row[0] for row in rows):
        data = np.array([row[1:] for row in rows if row[0] == label], dtype=float)
        axes[0].plot(data[:, 0], (data[:, 2] - rows[0][3]) / EV * 1000 / atoms, label=label)
        axes[1].plot(data[:, 0], data[:, 3], label=label)
    axes[0].set_ylabel("total energy (meV/atom)")
    axes[0].set_title("3BPA, MACE in OpenMM")
    axes[0].legend()
    axes[1].set_ylabel("temperature (K)")
    axes[1].set_xlabel("time (fs)")
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(ROOT / "data/models/3bpa-mace.safetensors"))
    parser.add_argument("--platform", default="Reference")
    parser.add_argument("--output", default="demo-output", help="folder for the results")
    parser.add_argument("--steps", type=int, default=400, help="Langevin steps")
    parser.add_argument("--nve-steps", type=int, default=200)
    parser.add_argument("--timestep", type=float, default=0.5, help="fs")
    arguments = parser.parse_args()
    output = pathlib.Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    timestep = arguments.timestep * unit.femtosecond

    topology, positions = make_molecule()
    model = Model(arguments.model)
    langevin = mm.LangevinMiddleIntegrator(300 * unit.kelvin, 10 / unit.picosecond, timestep)
    langevin.setRandomNumberSeed(1)
    simulation = make_simulation(topology, positions, model, langevin, arguments.platform)
    before = simulation.context.getState(getEnergy=True).getPotentialEnergy()
    simulation.minimizeEnergy(tolerance=50 * unit.kilojoule_per_mole / unit.nanometer)
    state = simulation.context.getState(getEnergy=True, getPositions=True)
    print(f"minimised: {before.value_in_unit(unit.kilojoule_per_mole) / EV:.3f} -> "
          f"{state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole) / EV:.3f} eV")
    with open(output / "start.pdb", "w") as file:
        app.PDBFile.writeFile(topology, state.getPositions(), file)

    rows = []
    simulation.context.setVelocitiesToTemperature(300 * unit.kelvin, 1)
    simulation.reporters.append(app.DCDReporter(str(output / "trajectory.dcd"), 20))
    rate = run(simulation, arguments.steps, arguments.timestep, "Langevin, 300 K", rows)

    state = simulation.context.getState(getPositions=True, getVelocities=True)
    nve = make_simulation(topology, state.getPositions(), model,
                          mm.VerletIntegrator(timestep), arguments.platform)
    nve.context.setVelocities(state.getVelocities())
    nve.context.setTime(state.getTime())
    run(nve, arguments.nve_steps, arguments.timestep, "NVE", rows, every=2)
    times, total = np.array([(row[1], row[3]) for row in rows if row[0] == "NVE"]).T
    atoms = topology.getNumAtoms()
    drift = np.polyfit(times / 1000, total / EV * 1000 / atoms, 1)[0]
    spread = np.std(total) / EV * 1000 / atoms

    with open(output / "energies.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["run", "time (fs)", "potential energy (kJ/mol)",
                         "total energy (kJ/mol)", "temperature (K)"])
        writer.writerows(rows)
    plot(rows, atoms, output / "energies.png")
    print(f"rate: {rate:.3f} ns/day on the {arguments.platform} platform")
    print(f"NVE over {arguments.nve_steps * arguments.timestep:.0f} fs: total energy drifts "
          f"{drift:+.3f} meV/atom/ps and fluctuates by {spread:.4f} meV/atom")
    print(f"written: {output}/start.pdb, trajectory.dcd, energies.csv, energies.png")


if __name__ == "__main__":
    main()
