# SPDX-License-Identifier: MIT
"""A calculator for the Atomic Simulation Environment (needs the package ase)."""
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from .evaluator import Evaluator


class EquivariantCalculator(Calculator):
    """Energies, forces and stress of a model, in ASE's units (eV, Å).

    Parameters
    ----------
    model : Model, str or os.PathLike
        The potential, or a model file.
    head : str
        Set of readouts; '' is the model's first.
    precision : {'double', 'single', 'mixed'}
        'single' and 'mixed' are the same: features in single precision, distances and sums over
        atoms in double.
    threads : int
        Number of threads; 0 takes one for each processor. The results do not depend on it.

    The energy contains the energies of isolated atoms. The stress exists where all three directions
    are periodic.
    """

    implemented_properties = ["energy", "free_energy", "energies", "forces", "stress"]
    default_parameters = {"head": ""}
    discard_results_on_any_change = True

    def __init__(self, model, head="", precision="double", threads=1, **kwargs):
        self.evaluator = Evaluator(model, precision, threads)
        super().__init__(head=head, **kwargs)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        """Fill self.results; ASE calls it."""
        super().calculate(atoms, properties, system_changes)
        periodic = self.atoms.pbc.all()
        if "stress" in properties and not periodic:
            raise PropertyNotImplementedError("the stress needs three periodic directions")
        result = self.evaluator.evaluate(
            self.atoms.numbers, self.atoms.positions, self.atoms.cell[:], self.atoms.pbc,
            self.parameters.head, forces="forces" in properties or "stress" in properties)
        self.results = {
            "energy": result.energy,
            "free_energy": result.energy,
            "energies": result.atomEnergies,
        }
        if result.forces is not None:
            self.results["forces"] = result.forces
        if result.stress is not None:
            self.results["stress"] = full_3x3_to_voigt_6_stress(result.stress)
