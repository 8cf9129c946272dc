# SPDX-License-Identifier: MIT
"""Labels structures with GFN1-xTB or GFN2-xTB, computed by tblite: docs/labelling.md.

Whoever calls label_frames() in a program of their own has to do so under
`if __name__ == "__main__":`, since it starts processes.
"""
import argparse
import concurrent.futures
import contextlib
import functools
import multiprocessing
import os
import signal
import sys

import ase
import ase.io
import numpy as np
from ase.calculators.calculator import CalculatorError
from ase.calculators.singlepoint import SinglePointCalculator
from ase.data import chemical_symbols, ground_state_magnetic_moments
from tqdm import tqdm

from .program import InputError, replacing

METHODS = {"gfn1": "GFN1-xTB", "gfn2": "GFN2-xTB"}
HEAVIEST = 86
LANTHANIDES = range(57, 72)  # the methods keep f electrons in the core and three outside of it


def label(atoms, method="gfn2", charge=0, multiplicity=None):
    """Energy, forces and, if it is periodic, stress of a structure.

    Parameters
    ----------
    atoms : ase.Atoms
        Periodic in all directions (Γ point only) or in none.
    method : {'gfn2', 'gfn1'}
    charge : int
        Total charge; that of atoms.info, if there is one, goes first.
    multiplicity : int, optional
        2S + 1; that of atoms.info goes first. Without either, 1, or that of the ground state of a
        single neutral atom.

    Returns
    -------
    ase.Atoms
        A copy with the results (eV, eV/Å, eV/Å³) and without any former ones.

    Raises
    ------
    InputError
        For what the method does not know, cannot be, or does not converge.
    """
    from tblite.ase import TBLite

    periodic = bool(atoms.pbc.all())
    charge = _integer(atoms.info.get("charge", charge), "charge")
    multiplicity = _integer(atoms.info.get("multiplicity", multiplicity)
                            or _default_multiplicity(atoms.numbers, charge), "multiplicity")
    _check(atoms, periodic, charge, multiplicity)
    labelled = atoms.copy()
    labelled.calc = TBLite(method=METHODS[method], charge=charge, multiplicity=multiplicity,
                           verbosity=0)
    try:
        results = {"energy": labelled.get_potential_energy(), "forces": labelled.get_forces()}
        if periodic:
            results["stress"] = labelled.get_stress()
    except CalculatorError as error:
        raise InputError(f"tblite: {error}") from None
    if not all(np.isfinite(result).all() for result in results.values()):
        raise InputError("tblite: the result is not finite")
    labelled.calc = SinglePointCalculator(labelled, **results)
    return labelled


def label_frames(frames, method="gfn2", charge=0, multiplicity=None):
    """Label many structures, one for each processor at a time.

    Yields what label() returns for each, in order, or the InputError that it raises.
    """
    # Not forked: the threads of libraries do not survive that.
    context = multiprocessing.get_context("spawn")
    work = functools.partial(_label_or_error, method=method, charge=charge,
                             multiplicity=multiplicity)
    with concurrent.futures.ProcessPoolExecutor(
            len(os.sched_getaffinity(0)), context, _start_worker) as pool:
        try:
            yield from pool.map(work, frames)
        except concurrent.futures.process.BrokenProcessPool:
            raise InputError("a process that computes labels has ended unexpectedly") from None


def isolated_atoms(numbers, method="gfn2"):
    """Labelled single atoms of the elements among some atomic numbers, in their ground states."""
    return [label(ase.Atoms(numbers=[number], info={"config_type": "IsolatedAtom"}), method)
            for number in sorted(set(numbers))]


def read_frames(path):
    """All structures of an extended XYZ file; InputError names the one that cannot be read."""
    frames = []
    try:
        for atoms in ase.io.iread(path, ":", format="extxyz"):
            frames.append(atoms)
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise InputError(f"{path}: frame {len(frames) + 1} cannot be read "
                         f"({type(error).__name__}: {error})") from None
    if not frames:
        raise InputError(f"{path}: there is no structure in it")
    return frames


def write_frames(path, frames):
    """Write extended XYZ, at once or not at all."""
    with replacing(path) as unfinished:
        ase.io.write(unfinished, frames, format="extxyz")


def main(argv=None):
    """The program; raises InputError."""
    arguments = _parser().parse_args(argv)
    import tblite  # noqa: F401  if it is missing, that is said first

    frames = read_frames(arguments.input)
    with contextlib.ExitStack() as files:
        output = files.enter_context(replacing(arguments.output))
        if arguments.isolated_atoms:
            isolated = files.enter_context(replacing(arguments.isolated_atoms))
        labelled = _label_all(frames, arguments)
        ase.io.write(output, labelled, format="extxyz")
        if arguments.isolated_atoms:
            numbers = [number for atoms in labelled for number in atoms.numbers]
            ase.io.write(isolated, isolated_atoms(numbers, arguments.method), format="extxyz")
    print(f"{len(labelled)} of {len(frames)} frames labelled with {METHODS[arguments.method]}: "
          f"{arguments.output}")


def _label_all(frames, arguments):
    labelled = []
    results = label_frames(frames, arguments.method, arguments.charge, arguments.multiplicity)
    for number, result in enumerate(
            tqdm(results, total=len(frames), unit="frame", disable=None), 1):
        if not isinstance(result, InputError):
            labelled.append(result)
            continue
        message = f"{arguments.input}: frame {number}: {result}"
        if not arguments.skip_failed:
            raise InputError(f"{message} (--skip-failed leaves out such frames)")
        tqdm.write(f"left out: {message}", file=sys.stderr)
    if not labelled:
        raise InputError(f"{arguments.input}: no frame could be labelled")
    return labelled


def _parser():
    parser = argparse.ArgumentParser(
        prog="equivariant label",
        description="Labels structures (extended XYZ) with energies (eV), forces (eV/Å) and, where "
        "they are periodic, stresses (eV/Å³).")
    parser.add_argument("input", metavar="IN.xyz")
    parser.add_argument("output", metavar="OUT.xyz")
    parser.add_argument("--method", choices=METHODS, default="gfn2", help="default: gfn2")
    parser.add_argument("--charge", type=int, default=0, metavar="Q",
                        help="total charge of frames that do not say charge=Q (default: 0)")
    parser.add_argument("--multiplicity", type=int, metavar="M",
                        help="2S+1 of frames that do not say multiplicity=M (default: 1, and the "
                        "ground state of single atoms)")
    parser.add_argument("--isolated-atoms", metavar="FILE",
                        help="also writes the energies of the elements' isolated atoms")
    parser.add_argument("--skip-failed", action="store_true",
                        help="leaves out frames that cannot be labelled, and names them")
    return parser


def _start_worker():
    """One thread each, which has to be said before tblite is imported; an interruption ends the
    parent, and that ends the workers.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _label_or_error(atoms, **options):
    try:
        return label(atoms, **options)
    except InputError as error:
        return error


def _integer(value, name):
    try:
        if int(value) == value:
            return int(value)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{name} has to be an integer, not {value}")


def _default_multiplicity(numbers, charge):
    if len(numbers) != 1 or charge != 0:
        return 1
    number = numbers[0]
    return 2 if number in LANTHANIDES else 1 + int(ground_state_magnetic_moments[number])


def _check(atoms, periodic, charge, multiplicity):
    """Refuse what tblite would take for something else."""
    if atoms.pbc.any() and not periodic:
        raise InputError("periodic in some directions only, which the method cannot do")
    if not np.isfinite(atoms.positions).all():
        raise InputError("a position is not finite")
    for number in atoms.numbers:
        if not 1 <= number <= HEAVIEST:
            raise InputError(f"the method does not know the element {chemical_symbols[number]}")
    electrons = sum(3 if z in LANTHANIDES else int(z) for z in atoms.numbers) - charge
    if multiplicity < 1 or electrons < multiplicity - 1 or (electrons - multiplicity) % 2 == 0:
        raise InputError(f"charge {charge} and multiplicity {multiplicity} do not go together: "
                         f"{'even' if electrons % 2 == 0 else 'odd'} number of electrons")
