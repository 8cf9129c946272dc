# SPDX-License-Identifier: MIT
"""Structures to measure with, as extended XYZ: structures.py DIR [NAME ...].

Alanine dipeptide (22 atoms) and 3BPA (27 atoms) as RDKit builds them, and periodic boxes of water
of 192, 648 and 5,184 atoms at 0.997 g/cm³: TIP3P after 2 ps at 300 K; the largest is eight copies
of the box before it, so that an atom sees the same in both.
"""
import argparse
import pathlib

import ase
import ase.io
import numpy as np

MOLECULES = {"alanine-dipeptide": "CC(=O)N[C@@H](C)C(=O)NC", "3bpa": "Nc1ncccc1OCc1ccccc1"}
WATERS = {"water-192": (4, 1), "water-648": (6, 1), "water-5184": (6, 2)}
NAMES = (*MOLECULES, *WATERS)
VOLUME = 18.01528 / (0.997 * 0.602214076)  # Å³ a molecule


def make_molecule(smiles):
    from rdkit import Chem
    from rdkit.Chem import AllChem
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(molecule, randomSeed=1)
    AllChem.MMFFOptimizeMolecule(molecule)
    numbers = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
    return ase.Atoms(numbers, positions=molecule.GetConformer().GetPositions())


def lattice_of_waters(edge):
    """edge³ molecules (O, H, H) turned at random on a cubic lattice; positions and box, Å."""
    random = np.random.default_rng(1)
    spacing = VOLUME ** (1 / 3)
    angle = np.radians(104.52)
    water = 0.9572 * np.array([[0, 0, 0], [1, 0, 0], [np.cos(angle), np.sin(angle), 0]])
    positions = []
    for index in np.ndindex(edge, edge, edge):
        turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
        positions.append(spacing * (np.array(index) + 0.5) + water @ turn.T)
    return np.concatenate(positions), spacing * edge


def make_water(edge, copies):
    """Atoms of edge³ molecules, repeated along each axis."""
    import openmm as mm
    from openmm import app, unit
    positions, length = lattice_of_waters(edge)
    topology = app.Topology()
    chain = topology.addChain()
    for _ in range(edge ** 3):
        residue = topology.addResidue("HOH", chain)
        oxygen = topology.addAtom("O", app.element.oxygen, residue)
        for name in ("H1", "H2"):
            topology.addBond(oxygen, topology.addAtom(name, app.element.hydrogen, residue))
    topology.setPeriodicBoxVectors(np.eye(3) * length * 0.1)
    system = app.ForceField("tip3p.xml").createSystem(
        topology, nonbondedMethod=app.CutoffPeriodic, nonbondedCutoff=0.5 * unit.nanometer)
    integrator = mm.LangevinMiddleIntegrator(300 * unit.kelvin, 10 / unit.picosecond,
                                             2 * unit.femtosecond)
    integrator.setRandomNumberSeed(1)
    # The Reference platform runs in one order, so that the box is the same every time.
    context = mm.Context(system, integrator, mm.Platform.getPlatform("Reference"))
    context.setPositions(positions * 0.1)
    mm.LocalEnergyMinimizer.minimize(context, maxIterations=50)
    context.setVelocitiesToTemperature(300 * unit.kelvin, 1)
    integrator.step(1000)
    state = context.getState(getPositions=True)
    positions = state.getPositions(asNumpy=True).value_in_unit(unit.angstrom)
    atoms = ase.Atoms([8, 1, 1] * edge ** 3, positions=positions, cell=[length] * 3, pbc=True)
    return atoms.repeat(copies)


def make(name):
    """An ase.Atoms of one of NAMES."""
    return make_molecule(MOLECULES[name]) if name in MOLECULES else make_water(*WATERS[name])


def write(name, folder):
    """The path of a structure's file, which is made if it is not there."""
    path = pathlib.Path(folder) / f"{name}.xyz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        ase.io.write(path, make(name), format="extxyz")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME",
                        help=f"of {', '.join(NAMES)} (default: all)")
    arguments = parser.parse_args()
    for name in arguments.names or NAMES:
        print(write(name, arguments.folder))


if __name__ == "__main__":
    main()
