# SPDX-License-Identifier: MIT
"""The potential 'equivariant' of openmm-ml."""
import numpy as np
import openmm as mm
import pytest
from conftest import (CELL, ETHANOL, ETHANOL_BONDS, EV, WATER, assert_close, energy, forces,
                      make_context, make_topology)
from openmm import unit

from openmmequivariant import EquivariantForce, Evaluator

MLPotential = pytest.importorskip("openmmml").MLPotential

TWO = np.concatenate([ETHANOL[1], ETHANOL[1] + [0, 0, 4]])
FIRST = list(range(9))


@pytest.fixture
def potential(tiny):
    return MLPotential("equivariant", modelPath=tiny)


def make_mm_system(copies):
    """Springs and pairs, with the bonds of the topology."""
    system = mm.System()
    bonds, pairs = mm.HarmonicBondForce(), mm.NonbondedForce()
    for copy in range(copies):
        for number in ETHANOL[0]:
            system.addParticle(2.0 * number)
            pairs.addParticle(0.1 if number == 1 else -0.1, 0.2, 0.3)
        for i, j in ETHANOL_BONDS:
            bonds.addBond(9 * copy + i, 9 * copy + j, 0.12, 1000.0)
            pairs.addException(9 * copy + i, 9 * copy + j, 0, 1, 0)
    system.addForce(bonds)
    system.addForce(pairs)
    return system


def test_system_equals_the_evaluator(potential, tiny):
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL)
    context = make_context(potential.createSystem(make_topology()))
    assert_close(energy(context), expected.interactionEnergy * EV)
    assert_close(forces(context), expected.forces * 10 * EV)
    total = potential.createSystem(make_topology(), returnEnergyType="energy")
    assert_close(energy(make_context(total)), expected.energy * EV)


def test_periodic_system(potential, tiny):
    topology = make_topology()
    topology.setPeriodicBoxVectors(CELL * 0.1 * unit.nanometer)
    system = potential.createSystem(topology)
    assert system.usesPeriodicBoundaryConditions()
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL, CELL)
    assert_close(energy(make_context(system)), expected.interactionEnergy * EV)


def test_head(two_heads):
    potential = MLPotential("equivariant", modelPath=two_heads)
    heads = EquivariantForce(two_heads).getModel().heads
    system = potential.createSystem(make_topology(WATER[0], [(0, 1), (0, 2)]), head=heads[1])
    expected = Evaluator(two_heads, exactRadial=True).evaluate(*WATER, head=heads[1])
    assert_close(energy(make_context(system, WATER[1])), expected.interactionEnergy * EV)


def test_mixed_system(potential, tiny):
    """Energy = model of the first molecule + force field of all else, the latter computed from the
    force field alone."""
    topology = make_topology(copies=2)
    mixed = potential.createMixedSystem(topology, make_mm_system(2), FIRST, forceGroup=5)
    ml = [force for force in mixed.getForces() if EquivariantForce.isinstance(force)]
    assert [force.getForceGroup() for force in ml] == [5]
    assert EquivariantForce.cast(ml[0]).getNumParticles() == 9
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL).interactionEnergy * EV
    whole = energy(make_context(make_mm_system(2), TWO))
    inside = energy(make_context(make_mm_system(1)))
    assert_close(energy(make_context(mixed, TWO)), expected + whole - inside)


def test_interpolation(potential):
    topology = make_topology(copies=2)
    mm_only = make_context(make_mm_system(2), TWO)
    mixed = make_context(potential.createMixedSystem(topology, make_mm_system(2), FIRST), TWO)
    context = make_context(potential.createMixedSystem(topology, make_mm_system(2), FIRST,
                                                       interpolate=True), TWO)
    # openmm-ml writes the force field's terms in another way: not quite the same digits below 1.
    for value, tolerance in (0, 1e-8), (0.3, 1e-8), (1, 1e-10):
        context.setParameter("lambda_interpolate", value)
        assert_close(energy(context), value * energy(mixed) + (1 - value) * energy(mm_only),
                     tolerance)
        assert_close(forces(context), value * forces(mixed) + (1 - value) * forces(mm_only),
                     tolerance)


def test_link_atoms(potential):
    """A bond is cut: the hydrogen that closes it is a virtual site and an atom of the force."""
    topology = make_topology()
    mixed = potential.createMixedSystem(topology, make_mm_system(1), [0, 3, 4, 5],
                                        returnInfo=True)
    assert mixed["system"].getNumParticles() == 10
    ml, = [force for force in mixed["system"].getForces() if EquivariantForce.isinstance(force)]
    assert EquivariantForce.cast(ml).getNumParticles() == 5


def test_interactions_are_local(potential):
    assert potential._impl.getMLLongRange() is False


@pytest.mark.parametrize("arguments, error, text", [
    ({"precision": "single"}, ValueError, "platform"),
    ({"returnEnergyType": "x"}, ValueError, "interaction_energy, energy"),
    ({"charge": 1}, ValueError, "charge"),
    ({"multiplicity": 3}, ValueError, "multiplicity"),
    ({"presicion": None}, TypeError, "'presicion'"),
    ({"head": "none"}, mm.OpenMMException, "no head 'none'"),
])
def test_arguments_are_checked(potential, arguments, error, text):
    with pytest.raises(error, match=text):
        potential.createSystem(make_topology(), **arguments)


def test_defaults_may_be_said(potential):
    potential.createSystem(make_topology(), precision=None, charge=0, multiplicity=1, head="",
                           returnEnergyType="interaction_energy")


def test_model_file_is_needed():
    with pytest.raises(ValueError, match="modelPath"):
        MLPotential("equivariant")
    with pytest.raises(TypeError, match="'device'"):
        MLPotential("equivariant", modelPath="x", device="cpu")
    with pytest.raises(mm.OpenMMException, match="/no/such"):
        MLPotential("equivariant", modelPath="/no/such")
