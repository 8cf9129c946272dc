# SPDX-License-Identifier: MIT
"""The calculator for ASE: units, numerical derivatives, caching."""
import numpy as np
import pytest
from conftest import CELL, ETHANOL, WATER, assert_close, golden

from openmmequivariant import Evaluator, Model

ase = pytest.importorskip("ase")
from ase.calculators.calculator import PropertyNotImplementedError  # noqa: E402
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress  # noqa: E402

from openmmequivariant.ase import EquivariantCalculator  # noqa: E402


@pytest.fixture
def molecule(tiny):
    return ase.Atoms(numbers=ETHANOL[0], positions=ETHANOL[1], calculator=EquivariantCalculator(tiny))


@pytest.fixture
def crystal(tiny):
    return ase.Atoms(numbers=ETHANOL[0], positions=ETHANOL[1], cell=CELL, pbc=True,
                     calculator=EquivariantCalculator(Model(tiny)))


def test_energies_and_forces(molecule, tiny):
    expected = Evaluator(tiny).evaluate(*ETHANOL)
    assert molecule.get_potential_energy() == expected.energy
    assert molecule.get_potential_energy(force_consistent=True) == expected.energy
    assert np.array_equal(molecule.get_potential_energies(), expected.atomEnergies)
    assert np.array_equal(molecule.get_forces(), expected.forces)


def test_precision_and_threads(molecule, tiny):
    calculator = EquivariantCalculator(tiny, precision="single", threads=2)
    expected = Evaluator(tiny, "single").evaluate(*ETHANOL)
    other = molecule.copy()
    other.calc = calculator
    assert other.get_potential_energy() == expected.energy
    assert np.array_equal(other.get_forces(), expected.forces)
    assert_close(other.get_forces(), molecule.get_forces(), 2e-5)
    with pytest.raises(ValueError, match="half"):
        EquivariantCalculator(tiny, precision="half")


def test_stress_of_golden_case(model_path):
    name = "c_l2c3_L1_density_zbl_agnesi_2heads"
    model = Model(model_path(name))
    for expected in golden(name):
        if expected["stress"] is None:
            continue
        atoms = ase.Atoms(numbers=expected["Z"], positions=expected["positions"],
                          cell=expected["cell"], pbc=True,
                          calculator=EquivariantCalculator(model, model.heads[expected["head"]]))
        assert_close(atoms.get_potential_energy(), expected["energy"], 1e-6)
        assert_close(atoms.get_stress(voigt=False), expected["stress"], 1e-6)


def test_numerical_forces(molecule, crystal):
    for atoms in molecule, crystal:
        assert_close(calculate_numerical_forces(atoms, eps=1e-5), atoms.get_forces(), 1e-6)


def test_numerical_stress(crystal):
    assert_close(calculate_numerical_stress(crystal, eps=1e-5), crystal.get_stress(), 1e-6)


def test_no_stress_without_three_periods(molecule, crystal):
    with pytest.raises(PropertyNotImplementedError):
        molecule.get_stress()
    crystal.pbc = [True, True, False]
    assert np.isfinite(crystal.get_potential_energy())
    with pytest.raises(PropertyNotImplementedError):
        crystal.get_stress()


def test_results_are_kept_until_something_changes(crystal, monkeypatch):
    calls = []
    calculator = crystal.calc
    evaluate = calculator.evaluator.evaluate

    def count(*args, **kwargs):
        calls.append(kwargs["forces"])
        return evaluate(*args, **kwargs)
    monkeypatch.setattr(calculator.evaluator, "evaluate", count)
    energy = crystal.get_potential_energy()
    crystal.get_potential_energies()
    assert calls == [False]
    crystal.get_forces()
    crystal.get_stress()
    crystal.get_potential_energy()
    assert calls == [False, True]
    crystal.positions[0, 0] += 0.01
    assert crystal.get_potential_energy() != energy
    crystal.set_cell(CELL * 1.01)
    crystal.get_forces()
    crystal.set_pbc(False)
    crystal.get_forces()
    assert len(calls) == 5


def test_head_can_be_changed(two_heads):
    calculator = EquivariantCalculator(two_heads)
    atoms = ase.Atoms(numbers=WATER[0], positions=WATER[1], calculator=calculator)
    first = atoms.get_potential_energy()
    calculator.set(head=calculator.evaluator.model.heads[1])
    assert atoms.get_potential_energy() != first
