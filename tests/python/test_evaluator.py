# SPDX-License-Identifier: MIT
"""The evaluator on arrays against golden numbers of mace-torch and PONITA."""
import concurrent.futures
import copy
import pickle
import sys
import threading

import numpy as np
import openmm as mm
import pytest
from conftest import CELL, ETHANOL, WATER, assert_close, golden

from openmmequivariant import Evaluator, Model, openmmequivariant

MACE_CASES = ["a_l1c2_L0", "b_l3c3_L1", "c_l2c3_L1_density_zbl_agnesi_2heads"]


# Settings and how well they have to do: exact sums, tables, single precision.
SETTINGS = [({"exactRadial": True}, 1e-10), ({"threads": 2}, 1e-6), ({"precision": "single"}, 2e-5),
            ({"precision": "mixed", "threads": 0}, 2e-5)]


@pytest.mark.parametrize("settings, tolerance", SETTINGS)
@pytest.mark.parametrize("case", MACE_CASES)
def test_golden_mace(case, settings, tolerance, model_path):
    evaluator = Evaluator(model_path(case), **settings)
    for expected in golden(case):
        pbc = expected["pbc"]
        result = evaluator.evaluate(expected["Z"], expected["positions"],
                                    expected["cell"] if np.any(pbc) else None, pbc,
                                    head=evaluator.model.heads[expected["head"]])
        assert result.numEdges == expected["num_edges"]
        assert_close(result.energy, expected["energy"], tolerance)
        assert_close(result.interactionEnergy, expected["interaction_energy"], tolerance)
        assert_close(result.atomEnergies, expected["node_energy"], tolerance)
        assert_close(result.forces, expected["forces"], tolerance)
        if expected["stress"] is None:
            assert result.stress is None
        else:
            assert_close(result.stress, expected["stress"], tolerance)


PONITA_CASES = ["a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff", "c_r3_cutoff",
                "g_r3s2_point_cloud", "h_r3s2_point_cloud_cutoff"]


@pytest.mark.parametrize("settings, tolerance", SETTINGS)
@pytest.mark.parametrize("case", PONITA_CASES)
def test_golden_ponita(case, settings, tolerance, model_path):
    evaluator = Evaluator(model_path(case), **settings)
    for expected in golden(case):
        result = evaluator.evaluate(expected["Z"], expected["positions"])
        assert_close(result.energy, expected["energy"], tolerance)
        assert_close(result.forces, expected["forces"], tolerance)


def test_energy_only(tiny):
    evaluator = Evaluator(Model(tiny))
    result = evaluator.evaluate(*ETHANOL, forces=False)
    assert result.forces is None and result.virial is None and result.stress is None
    assert_close(result.energy, evaluator.evaluate(*ETHANOL).energy, 1e-12)


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
    with pytest.raises(ValueError, match="half"):
        Evaluator(tiny, precision="half")
    with pytest.raises(mm.OpenMMException, match="threads"):
        Evaluator(tiny, threads=-1)
    for positions in ([[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, np.nan]]):
        with pytest.raises(mm.OpenMMException):
            evaluator.evaluate([1, 1], positions)


def assert_same(a, b):
    assert (a.energy, a.interactionEnergy, a.numEdges) == (b.energy, b.interactionEnergy, b.numEdges)
    for name in "atomEnergies", "forces", "virial", "stress":
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


def various():
    """Structures of several sizes, with and without a cell."""
    numbers, positions = ETHANOL
    return [(numbers[:n], positions[:n] * (1 + 0.01 * n), *rest)
            for n in range(1, 10) for rest in [(), (CELL,), (CELL, [True, False, True])]]


@pytest.mark.parametrize("threads", [1, 3])
def test_many_structures_are_evaluated_like_each(tiny, threads):
    alone = Evaluator(tiny)
    evaluator = Evaluator(tiny, threads=threads)
    results = evaluator.evaluateMany(various())
    assert len(results) == len(various())
    for structure, result in zip(various(), results):
        assert_same(result, alone.evaluate(*structure))
    for structure, result in zip(various(), evaluator.evaluateMany(various(), forces=False)):
        assert result.forces is None
        assert_close(result.energy, alone.evaluate(*structure).energy, 1e-12)
    assert evaluator.evaluateMany([]) == []


def test_many_structures_with_a_head(two_heads):
    evaluator = Evaluator(two_heads, threads=2)
    structures = [WATER, (WATER[0], WATER[1] * 1.1)]
    for head in evaluator.model.heads:
        for structure, result in zip(structures, evaluator.evaluateMany(iter(structures), head)):
            assert_same(result, evaluator.evaluate(*structure, head=head))


def test_errors_name_the_structure(tiny):
    evaluator = Evaluator(tiny, threads=2)
    for wrong in ([1], [1, 2], [[0, 0]]), ([1.5], [[0, 0, 0]]), ([1],):
        with pytest.raises(ValueError, match="structure 1"):
            evaluator.evaluateMany([WATER, wrong])
    twins = [1, 1], np.zeros((2, 3))
    with pytest.raises(mm.OpenMMException, match=r"\b7\b.*coincide"):
        evaluator.evaluateMany([WATER] * 7 + [twins, WATER, twins])
    assert_same(evaluator.evaluateMany([WATER])[0], evaluator.evaluate(*WATER))


@pytest.mark.parametrize("settings", [{}, {"precision": "single"}])
def test_number_of_threads_does_not_change_a_bit(tiny, settings):
    numbers = ETHANOL[0] * 8
    positions = np.concatenate([ETHANOL[1] + [0, 0, 3.5 * i] for i in range(8)])
    expected = Evaluator(tiny, **settings).evaluate(numbers, positions)
    for threads in 1, 2, 3:
        assert_same(Evaluator(tiny, threads=threads, **settings).evaluate(numbers, positions),
                    expected)


def test_results_do_not_depend_on_what_came_before(tiny):
    evaluator = Evaluator(tiny)
    expected = [Evaluator(tiny).evaluate(*structure) for structure in various()]
    for _ in range(2):
        for structure, result in zip(various(), expected):
            assert_same(evaluator.evaluate(*structure), result)


def test_copies_and_pickles(tiny):
    evaluator = Evaluator(tiny, "single", threads=2, exactRadial=True)
    for other in copy.deepcopy(evaluator), pickle.loads(pickle.dumps(evaluator)):
        assert (other.precision, other.threads, other.exactRadial) == ("single", 2, True)
        assert_same(other.evaluate(*WATER), evaluator.evaluate(*WATER))


def test_threads_share_a_model(tiny):
    numbers, positions = ETHANOL
    evaluator = Evaluator(tiny)
    structures = [positions * (1 + 0.01 * i) for i in range(16)]
    expected = [evaluator.evaluate(numbers, structure) for structure in structures]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda s: evaluator.evaluate(numbers, s), structures))
        own = list(pool.map(lambda s: Evaluator(tiny, threads=2).evaluate(numbers, s), structures))
    for result, *others in zip(expected, shared, own):
        for other in others:
            assert_same(other, result)


def test_evaluation_lets_other_threads_run(tiny):
    evaluator = Evaluator(tiny)
    seen = []
    inside = threading.Event()

    def work():
        batch = openmmequivariant._Batch()
        numbers, positions = ETHANOL
        batch.add(np.array(numbers, np.intc).tobytes(), positions.tobytes(),
                  np.zeros(9).tobytes(), [0, 0, 0])
        inside.set()
        for _ in range(2000):
            if seen:
                return
            evaluator._core.evaluateOne(batch, "", True)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # only a thread that lets go of the interpreter is interrupted
    try:
        worker = threading.Thread(target=work)
        worker.start()
        inside.wait()
        seen.append(worker.is_alive())
        worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert seen == [True]
