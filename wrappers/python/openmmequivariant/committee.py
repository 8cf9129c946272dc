# SPDX-License-Identifier: MIT
"""Several models of one potential, whose disagreement says where more labels are needed."""
import numpy as np
import openmm
from ase.calculators.calculator import Calculator, all_changes

from .dynamics import langevin
from .evaluator import Evaluator
from .program import InputError


class Committee(Calculator):
    """A calculator for ASE: mean energy (eV) and forces (eV/Å) of several models.

    results["spread"] is the disagreement in eV/Å: the largest over the atoms of the standard
    deviation of the force vector, sqrt(mean |F - mean F|²) over the models (Zhang et al., Phys.
    Rev. Materials 3, 023804 (2019)).

    Parameters
    ----------
    models : list of str or os.PathLike
        Model files.
    """

    implemented_properties = ["energy", "forces"]

    def __init__(self, models):
        super().__init__()
        self.evaluators = [Evaluator(model, threads=0) for model in models]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        """Fill self.results; ASE calls it."""
        super().calculate(atoms, properties, system_changes)
        results = [evaluator.evaluate(self.atoms.numbers, self.atoms.positions,
                                      self.atoms.cell[:], self.atoms.pbc)
                   for evaluator in self.evaluators]
        forces = np.array([result.forces for result in results])
        self.results = {"energy": np.mean([result.energy for result in results]),
                        "forces": forces.mean(axis=0),
                        "spread": np.sqrt(forces.var(axis=0).sum(axis=1).max())}


def explore(start, committee, md, random):
    """Run dynamics with a committee; returns every md["interval"]-th structure, the start included.

    A run ends early, without what it found last, where the spread is above md["stop_spread"]:
    nothing is known there, and soon the structure is none that could be labelled.

    Parameters
    ----------
    start : ase.Atoms
    md : dict
        The part `md` of the configuration of `equivariant learn`.
    random : numpy.random.Generator

    Returns
    -------
    list of ase.Atoms
        Their info has `time` (fs) and `spread` (eV/Å).

    Raises
    ------
    InputError
        For a start that the models refuse, such as one with other elements.
    """
    atoms = start.copy()
    atoms.calc = committee
    frames = []
    try:
        for step in langevin(atoms, md["temperature"], md["timestep"], md["steps"], random):
            spread = committee.results["spread"]
            if step > 0 and not spread <= md["stop_spread"]:
                break
            if step % md["interval"] == 0:
                frame = atoms.copy()
                frame.arrays.pop("momenta", None)
                frame.info.update(time=step * md["timestep"], spread=float(spread))
                frames.append(frame)
    except openmm.OpenMMException as error:
        if not frames:
            raise InputError(str(error)) from None
    return frames
