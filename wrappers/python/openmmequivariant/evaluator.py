# SPDX-License-Identifier: MIT
"""Evaluates a model on NumPy arrays, without OpenMM's Context. Units: eV and Å."""
import dataclasses

import numpy as np

from . import openmmequivariant as _core
from .openmmequivariant import Model


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What a model says about one structure."""

    energy: float
    """eV, with the energies of isolated atoms."""
    interactionEnergy: float
    """eV, without them."""
    atomEnergies: np.ndarray
    """[atoms], eV; they sum to the energy."""
    forces: np.ndarray | None
    """[atoms, 3], eV/Å; None if not asked for."""
    virial: np.ndarray | None
    """[3, 3], eV: -dE/d(strain), not symmetrised; None if no forces were asked for."""
    stress: np.ndarray | None
    """[3, 3], eV/Å³: dE/d(strain) over the volume, symmetrised; None unless all three directions
    are periodic and forces were asked for."""
    numEdges: int
    """Number of directed pairs of atoms within the cutoff."""


class Evaluator:
    """Evaluates a model in double precision with the reference implementation.

    Parameters
    ----------
    model : Model, str or os.PathLike
        The potential, or a model file.
    """

    def __init__(self, model):
        self.model = model if isinstance(model, Model) else Model(model)

    def evaluate(self, numbers, positions, cell=None, pbc=None, head="", forces=True):
        """Evaluate one structure. Several threads may do so at the same time.

        Parameters
        ----------
        numbers : array_like of int, [atoms]
            Atomic numbers.
        positions : array_like, [atoms, 3]
            Å.
        cell : array_like, [3, 3] or [3], optional
            Å; the rows are the box vectors, or the three edges of a rectangular box.
        pbc : bool or three of them, optional
            Which box vectors are periods; by default all if there is a cell.
        head : str
            Set of readouts; '' is the model's first.
        forces : bool
            Whether forces and virial are computed.

        Returns
        -------
        Evaluation

        Raises
        ------
        ValueError
            For arrays of the wrong shape.
        openmm.OpenMMException
            For what the model refuses: elements, coinciding atoms, values that are not finite.
        """
        numbers = _integers(numbers)
        positions = np.asarray(positions, dtype=float)
        if numbers.ndim != 1 or positions.shape != (len(numbers), 3):
            raise ValueError(f"positions have the shape {positions.shape}, atomic numbers "
                             f"{numbers.shape}; needed are (n, 3) and (n,)")
        if pbc is None:
            pbc = cell is not None
        pbc = np.broadcast_to(np.asarray(pbc, dtype=bool), 3)
        cell = np.zeros((3, 3)) if cell is None else np.asarray(cell, dtype=float)
        if cell.shape == (3,):
            cell = np.diag(cell)
        if cell.shape != (3, 3):
            raise ValueError(f"the cell has the shape {cell.shape}; needed is (3, 3) or (3,)")
        result = _core._evaluate(self.model, numbers.tolist(), positions.ravel().tolist(),
                                 cell.ravel().tolist(), pbc.astype(int).tolist(), head,
                                 bool(forces))
        virial = np.array(result.getVirial()) if forces else None
        stress = None
        if forces and pbc.all():
            stress = -(virial + virial.T) / (2 * abs(np.linalg.det(cell)))
        return Evaluation(
            energy=result.getEnergy(),
            interactionEnergy=result.getInteractionEnergy(),
            atomEnergies=np.array(result.getAtomEnergies()),
            forces=np.array(result.getForces()).reshape(-1, 3) if forces else None,
            virial=virial,
            stress=stress,
            numEdges=result.getNumEdges())


def _integers(numbers):
    array = np.asarray(numbers)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"atomic numbers have to be integers, not {array.dtype}")
    return array.astype(int)
