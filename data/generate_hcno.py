# SPDX-License-Identifier: MIT
"""Makes a training set for a general potential of small molecules of H, C, N and O, with GFN2-xTB.

generate_hcno.py FOLDER writes train.xyz, valid.xyz, test.xyz, isolated_atoms.xyz and molecules.csv.
The molecules are those of hcno_molecules.txt. Of each there are
  - a relaxed conformer,
  - conformers in molecular dynamics at 300 K and at a temperature between 500 and 1000 K,
  - conformers with random displacements, the last of them large enough for overlaps,
  - conformers with a bond that is stretched or compressed;
and there are dimers at random distances and orientations, each once as it was placed and once while
it relaxes. config_type is the class of the molecule or `dimer`; `molecules` the lines of
molecules.csv, counted from 0. Whole molecules are kept for validation and for testing, with all
dimers that they are part of.

The same seed gives the same files on the same machine. Needs the packages rdkit, tblite, ase, tqdm.
"""
import argparse
import collections
import csv
import dataclasses
import os
import pathlib
import re
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # before tblite is imported; small molecules gain nothing

import ase  # noqa: E402
import numpy as np  # noqa: E402
from ase.calculators.calculator import CalculatorError  # noqa: E402
from ase.data import vdw_radii  # noqa: E402
from ase.optimize import BFGS  # noqa: E402
from rdkit import Chem, RDLogger  # noqa: E402
from rdkit.Chem import AllChem, rdMolTransforms  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402
from tblite.ase import TBLite  # noqa: E402
from tqdm import tqdm  # noqa: E402

from openmmequivariant.dynamics import langevin  # noqa: E402
from openmmequivariant.label import isolated_atoms, label, write_frames  # noqa: E402
from openmmequivariant.program import InputError  # noqa: E402

MOLECULES = pathlib.Path(__file__).with_name("hcno_molecules.txt")
SPLITS = ("train", "valid", "test")
HELD_OUT = {"valid": 0.05, "test": 0.1}  # of the molecules of a class
NEVER_HELD_OUT = "small"  # each of them is a class of its own
CONFORMERS = 4
MD_STEPS, MD_INTERVAL, TIMESTEP = 75, 25, 1.0  # fs
DIMERS_PER_MOLECULE = 0.8
LARGEST_IN_DIMERS = 7  # atoms other than hydrogen
WATER = "O"
LARGEST_FORCE = 50.0  # eV/Å; above, the structure is none that a simulation should meet


@dataclasses.dataclass
class Molecule:
    index: int
    kind: str  # class
    smiles: str
    split: str = "train"
    relaxed: ase.Atoms = None
    frames: int = 0


def read_molecules(path):
    """The molecules of the list, each once."""
    molecules, kind = {}, None
    for line in path.read_text().splitlines():
        header = re.fullmatch(r"\[([a-z-]+)\]", line)
        if header:
            kind = header[1]
        elif line and not line.startswith("#"):
            smiles = Chem.CanonSmiles(line)
            if smiles in molecules:
                raise InputError(f"{path}: {line} is there twice")
            molecules[smiles] = Molecule(len(molecules), kind, smiles)
    return list(molecules.values())


def split(molecules, random):
    """Keep a part of each class for validation and testing."""
    classes = collections.defaultdict(list)
    for molecule in molecules:
        if molecule.kind != NEVER_HELD_OUT:
            classes[molecule.kind].append(molecule)
    for members in classes.values():
        order = list(random.permutation(len(members)))
        for name, fraction in HELD_OUT.items():
            for _ in range(max(1, round(fraction * len(members)))):
                members[order.pop()].split = name


def embed(smiles, seed):
    """The RDKit molecule with conformers."""
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    parameters = AllChem.ETKDGv3()
    parameters.randomSeed = seed
    AllChem.EmbedMultipleConfs(molecule, CONFORMERS, parameters)
    if molecule.GetNumConformers() == 0:
        raise InputError(f"no conformer of {smiles} was found")
    if AllChem.MMFFHasAllMoleculeParams(molecule):
        AllChem.MMFFOptimizeMoleculeConfs(molecule)
    return molecule


def to_atoms(molecule, conformer):
    return ase.Atoms([atom.GetSymbol() for atom in molecule.GetAtoms()],
                     molecule.GetConformer(conformer).GetPositions())


def stretch(molecule, conformer, random):
    """A conformer with one bond outside of rings at 0.75 to 1.5 times its length."""
    bonds = [bond for bond in molecule.GetBonds() if not bond.IsInRing()]
    bond = bonds[random.integers(len(bonds))]
    ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    if molecule.GetAtomWithIdx(ends[0]).GetDegree() == 1:
        ends = ends[::-1]  # the second end moves
    copy = Chem.Mol(molecule)
    place = copy.GetConformer(conformer)
    length = rdMolTransforms.GetBondLength(place, *ends) * random.uniform(0.75, 1.5)
    rdMolTransforms.SetBondLength(place, *ends, length)
    return to_atoms(copy, conformer)


def displace(atoms, sigma, random):
    displaced = atoms.copy()
    displaced.positions += sigma * random.normal(size=displaced.positions.shape)
    return displaced


def relax(atoms, steps):
    """A copy after at most so many steps towards a minimum."""
    relaxed = atoms.copy()
    relaxed.calc = TBLite(verbosity=0)
    BFGS(relaxed, logfile=None).run(fmax=0.02, steps=steps)
    relaxed.calc = None
    return relaxed


def simulate(atoms, temperature, random):
    """Yields structures of a short run of dynamics."""
    moving = atoms.copy()
    moving.calc = TBLite(verbosity=0)
    for step in langevin(moving, temperature, TIMESTEP, MD_STEPS, random):
        if step > 0 and step % MD_INTERVAL == 0:
            yield ase.Atoms(moving.numbers, moving.positions)


def monomers(molecule, random):
    """Yields structures of one molecule, the relaxed one first."""
    source = embed(molecule.smiles, int(random.integers(2**31 - 1)))

    def any_conformer():
        return int(random.integers(source.GetNumConformers()))
    molecule.relaxed = relax(to_atoms(source, any_conformer()), 200)
    yield molecule.relaxed
    for temperature in 300, random.uniform(500, 1000):
        yield from simulate(to_atoms(source, any_conformer()), temperature, random)
    for least, most in (0.02, 0.1), (0.02, 0.1), (0.1, 0.3):
        yield displace(to_atoms(source, any_conformer()), random.uniform(least, most), random)
    for _ in range(2):
        yield stretch(source, any_conformer(), random)


def place(first, second, random):
    """Both, turned at random and apart by 0.5 to 1.6 times the sum of van der Waals radii."""
    parts = []
    for atoms in first, second:
        part = displace(atoms, 0.03, random)
        part.positions -= part.positions.mean(axis=0)
        part.positions = Rotation.random(None, random).apply(part.positions)
        parts.append(part)
    radii = np.add.outer(*(vdw_radii[part.numbers] for part in parts))
    step = 0.05 * Rotation.random(None, random).as_matrix()[0]
    apart = random.uniform(0.5, 1.6)
    while (cdist(parts[0].positions, parts[1].positions) / radii).min() < apart:
        parts[1].positions += step
    return parts[0] + parts[1]


def dimers(pair, random):
    """Yields structures of two molecules."""
    placed = place(pair[0].relaxed, pair[1].relaxed, random)
    yield placed
    yield relax(placed, int(random.integers(5, 30)))


def draw_pairs(molecules, count, random):
    """Pairs of small molecules; every third has water in it."""
    small = [molecule for molecule in molecules if molecule.relaxed is not None and
             np.count_nonzero(molecule.relaxed.numbers > 1) <= LARGEST_IN_DIMERS]
    water = [molecule for molecule in small if molecule.smiles == WATER]
    for number in range(count):
        first = small[random.integers(len(small))]
        yield first, (water[0] if water and number % 3 == 0 else small[random.integers(len(small))])


def collect(structures, members, frames, skipped):
    """Label structures and put them where the most reserved of their molecules belongs."""
    where = max((molecule.split for molecule in members), key=SPLITS.index)
    try:
        for atoms in structures:
            try:
                labelled = label(atoms)
            except InputError:
                skipped["not labelled"] += 1
                continue
            if np.linalg.norm(labelled.get_forces(), axis=1).max() > LARGEST_FORCE:
                skipped["a force too large"] += 1
                continue
            kind = members[0].kind if len(members) == 1 else "dimer"
            indices = " ".join(str(molecule.index) for molecule in members)
            labelled.info = {"config_type": kind, "molecules": indices}
            frames[where].append(labelled)
            for molecule in members:
                molecule.frames += 1
    except CalculatorError:
        skipped["dynamics or relaxation without end"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--molecules", type=int, metavar="N",
                        help="only so many of the list, evenly spread (a trial)")
    arguments = parser.parse_args()
    RDLogger.DisableLog("rdApp.*")
    molecules = read_molecules(MOLECULES)
    split(molecules, np.random.default_rng(arguments.seed))
    chosen = molecules
    if arguments.molecules:
        spread = np.linspace(0, len(molecules) - 1, arguments.molecules).astype(int)
        chosen = [molecules[i] for i in sorted(set(spread))]
    frames = {name: [] for name in SPLITS}
    skipped = collections.Counter()
    for molecule in tqdm(chosen, unit="molecule"):
        random = np.random.default_rng([arguments.seed, molecule.index])
        collect(monomers(molecule, random), [molecule], frames, skipped)
    random = np.random.default_rng([arguments.seed, len(molecules)])
    pairs = list(draw_pairs(chosen, round(DIMERS_PER_MOLECULE * len(chosen)), random))
    for pair in tqdm(pairs, unit="dimer"):
        collect(dimers(pair, random), pair, frames, skipped)

    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_frames(arguments.folder / "isolated_atoms.xyz", isolated_atoms([1, 6, 7, 8]))
    for name, part in frames.items():
        write_frames(arguments.folder / f"{name}.xyz", part)
        inside = sum(molecule.split == name for molecule in chosen)
        print(f"{name}.xyz: {len(part)} structures, {inside} molecules")
    with open(arguments.folder / "molecules.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "class", "smiles", "split", "structures"])
        writer.writerows([m.index, m.kind, m.smiles, m.split, m.frames] for m in molecules)
    for reason, count in skipped.items():
        print(f"left out, {reason}: {count}")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
