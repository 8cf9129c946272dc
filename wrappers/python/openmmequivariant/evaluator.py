# SPDX-License-Identifier: MIT
"""Evaluates a model on NumPy arrays, without OpenMM's Context. Units: eV and Å."""
import dataclasses
import threading
import typing

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
    """Evaluates a model on processors, without OpenMM.

    The list of neighbours is kept between calls, so that structures that follow one another, as in
    dynamics, are cheap. Threads that share an evaluator take turns; give each its own where they
    are to work at the same time. Copies and pickles begin with an empty list.

    Parameters
    ----------
    model : Model, str or os.PathLike
        The potential, or a model file.
    precision : {'double', 'single', 'mixed'}
        'single' and 'mixed' are the same: features in single precision, distances and sums over
        atoms in double.
    threads : int
        Number of threads; 0 takes one for each processor. The results do not depend on it.
    exactRadial : bool
        Radial functions by their networks instead of by tables: slower, without the tables' error.

    Raises
    ------
    ValueError
        For another precision.
    openmm.OpenMMException
        For a model file that cannot be read or a negative number of threads.
    """

    def __init__(self, model, precision="double", threads=1, exactRadial=False):
        if precision not in ("double", "single", "mixed"):
            raise ValueError(f"precision has to be 'double', 'single' or 'mixed', not {precision!r}")
        self.model = model if isinstance(model, Model) else Model(model)
        self.precision = precision
        self.threads = threads
        self.exactRadial = bool(exactRadial)
        self._core = _core._Evaluator(self.model, precision != "double", self.exactRadial, threads)
        self._lock = threading.Lock()

    def __reduce__(self):
        return Evaluator, (self.model, self.precision, self.threads, self.exactRadial)

    def evaluate(self, numbers, positions, cell=None, pbc=None, head="", forces=True):
        """Evaluate one structure, with all threads.

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
        structure = _Structure.fromArrays(numbers, positions, cell, pbc)
        return self._evaluate(self._core.evaluateOne, [structure], head, forces)[0]

    def evaluateMany(self, structures, head="", forces=True):
        """Evaluate many structures, one a thread.

        Parameters
        ----------
        structures : iterable of tuples
            (numbers, positions), (numbers, positions, cell) or (numbers, positions, cell, pbc), as
            evaluate() takes them.
        head, forces
            As in evaluate().

        Returns
        -------
        list of Evaluation

        Raises
        ------
        ValueError, openmm.OpenMMException
            As evaluate(), with the index of the first structure that fails.
        """
        arrays = []
        for index, structure in enumerate(structures):
            try:
                arrays.append(_Structure.fromArrays(*structure))
            except (TypeError, ValueError) as error:
                raise ValueError(f"structure {index}: {error}") from None
        return self._evaluate(self._core.evaluateAll, arrays, head, forces)

    def getNumNeighborRebuilds(self):
        """How often the list of neighbours has been built."""
        return self._core.getNumNeighborRebuilds()

    def _evaluate(self, call, structures, head, forces):
        batch = _core._Batch()
        for s in structures:
            batch.add(s.numbers.tobytes(), s.positions.tobytes(), s.cell.tobytes(),
                      s.pbc.tolist())
        with self._lock:
            call(batch, head, bool(forces))
        return [s.toEvaluation(batch.getResult(i), forces) for i, s in enumerate(structures)]


class _Structure(typing.NamedTuple):
    """Checked arrays, as the compiled module takes them."""

    numbers: np.ndarray
    positions: np.ndarray
    cell: np.ndarray
    pbc: np.ndarray

    @staticmethod
    def fromArrays(numbers, positions, cell=None, pbc=None):
        numbers = _integers(numbers)
        positions = np.asarray(positions, dtype=float)
        if numbers.ndim != 1 or positions.shape != (len(numbers), 3):
            raise ValueError(f"positions have the shape {positions.shape}, atomic numbers "
                             f"{numbers.shape}; needed are (n, 3) and (n,)")
        if pbc is None:
            pbc = cell is not None
        pbc = np.broadcast_to(np.asarray(pbc, dtype=bool), 3).astype(int)
        cell = np.zeros((3, 3)) if cell is None else np.asarray(cell, dtype=float)
        if cell.shape == (3,):
            cell = np.diag(cell)
        if cell.shape != (3, 3):
            raise ValueError(f"the cell has the shape {cell.shape}; needed is (3, 3) or (3,)")
        return _Structure(numbers, positions, cell, pbc)

    def toEvaluation(self, result, forces):
        virial = np.frombuffer(result.getVirial()).reshape(3, 3).copy() if forces else None
        stress = None
        if forces and self.pbc.all():
            stress = -(virial + virial.T) / (2 * abs(np.linalg.det(self.cell)))
        return Evaluation(
            energy=result.getEnergy(),
            interactionEnergy=result.getInteractionEnergy(),
            atomEnergies=np.frombuffer(result.getAtomEnergies()).copy(),
            forces=np.frombuffer(result.getForces()).reshape(-1, 3).copy() if forces else None,
            virial=virial,
            stress=stress,
            numEdges=result.getNumEdges())


def _integers(numbers):
    array = np.asarray(numbers)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"atomic numbers have to be integers, not {array.dtype}")
    if array.size and (array.max() > np.iinfo(np.intc).max or array.min() < 0):
        raise ValueError("atomic numbers have to be small positive integers")
    return array.astype(np.intc)
