# SPDX-License-Identifier: MIT
"""The evaluator on arrays against golden numbers of mace-torch and PONITA."""
import concurrent.futures

import numpy as np
import openmm as mm
import pytest
from conftest import CELL, ETHANOL, assert_close, golden

from openmmequivariant import Evaluator, Model

MACE_CASES = ["a_l1c2_L0", "b_l3c3_L1", "c_l2c3_L1_density_zbl_agnesi_2heads"]


@pytest.mark.parametrize("case", MACE_CASES)
def test_golden_mace(case, model_path):
    evaluator = Evaluator(model_path(case))
    for expected in golden(case):
        pbc = expected["pbc"]
        result = evaluator.evaluate(expected["Z"], expected["positions"],
                                    expected["cell"] if np.any(pbc) else None, pbc,
                                    head=evaluator.model.heads[expected["head"]])
        assert result.numEdges == expected["num_edges"]
        assert_close(result.energy, expected["energy"])
        assert_close(result.interactionEnergy, expected["interaction_energy"])
        assert_close(result.atomEnergies, expected["node_energy"])
        assert_close(result.forces, expected["forces"])
        if expected["stress"] is None:
            assert result.stress is None
        else:
            assert_close(result.stress, expected["stress"])


PONITA_CASES = ["a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff", "c_r3_cutoff",
                "g_r3s2_point_cloud", "h_r3s2_point_cloud_cutoff"]


@pytest.mark.parametrize("case", PONITA_CASES)
def test_golden_ponita(case, model_path):
    evaluator = Evaluator(model_path(case))
    for expected in golden(case):
        result = evaluator.evaluate(expected["Z"], expected["positions"])
        assert_close(result.energy, expected["energy"])
        assert_close(result.forces, expected["forces"])


def test_energy_only(tiny):
    evaluator = Evaluator(Model(tiny))
    result = evaluator.evaluate(*ETHANOL, forces=False)
    assert result.forces is None and result.virial is None and result.stress is None
    assert result.energy == evaluator.evaluate(*ETHANOL).energy


def test_cell_means_periodic_and_may_be_edges(tiny):
    evaluator = Evaluator(tiny)
    box = evaluator.evaluate(*ETHANOL, cell=[7, 8, 9])
    assert box.energy == evaluator.evaluate(*ETHANOL, np.diag([7, 8, 9]), (True,) * 3).energy
    assert box.energy != evaluator.evaluate(*ETHANOL).energy
    slab = evaluator.evaluate(*ETHANOL, CELL, [True, True, False])
    assert slab.stress is None and slab.virial is not None


def test_virial_is_the_derivative_of_strain(tiny):
    numbers, positions = ETHANOL
    evaluator = Evaluator(tiny)
    virial = evaluator.evaluate(numbers, positions, CELL).virial
    step = 1e-5
    for i in range(3):
        for j in range(3):
            energies = []
            for sign in (1, -1):
                deform = np.eye(3)
                deform[i, j] += sign * step
                energies.append(evaluator.evaluate(numbers, positions @ deform.T, CELL @ deform.T,
                                                   forces=False).energy)
            assert_close(-(energies[0] - energies[1]) / (2 * step), virial[i, j], 1e-6)


def test_no_atom_and_types_of_arrays(tiny):
    evaluator = Evaluator(tiny)
    nothing = evaluator.evaluate([], np.zeros((0, 3)))
    assert nothing.energy == 0 and nothing.forces.shape == (0, 3)
    numbers, positions = ETHANOL
    as_float32 = positions.astype(np.float32)
    assert (evaluator.evaluate(np.array(numbers, np.uint8), as_float32).energy
            == evaluator.evaluate(numbers, as_float32.astype(float).tolist()).energy)


def test_wrong_arrays_are_refused(tiny):
    evaluator = Evaluator(tiny)
    with pytest.raises(ValueError, match="shape"):
        evaluator.evaluate([1, 1], [[0, 0, 0]])
    with pytest.raises(ValueError, match="integers"):
        evaluator.evaluate([1.5], [[0, 0, 0]])
    with pytest.raises(ValueError, match="cell"):
        evaluator.evaluate([1], [[0, 0, 0]], cell=[1, 2])
    with pytest.raises(mm.OpenMMException, match="26"):
        evaluator.evaluate([26], [[0, 0, 0]])
    with pytest.raises(mm.OpenMMException, match="no head"):
        evaluator.evaluate([1], [[0, 0, 0]], head="none")
    for positions in ([[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, np.nan]]):
        with pytest.raises(mm.OpenMMException):
            evaluator.evaluate([1, 1], positions)


def test_threads_share_a_model(tiny):
    numbers, positions = ETHANOL
    evaluator = Evaluator(tiny)
    structures = [positions * (1 + 0.01 * i) for i in range(16)]
    expected = [evaluator.evaluate(numbers, structure).forces for structure in structures]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda s: evaluator.evaluate(numbers, s).forces, structures))
    assert all(np.array_equal(a, b) for a, b in zip(results, expected))
