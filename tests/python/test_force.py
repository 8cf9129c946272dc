# SPDX-License-Identifier: MIT
"""EquivariantForce in Python: arguments, units, ownership, agreement with the evaluator."""
import concurrent.futures
import copy
import gc
import inspect
import pickle

import numpy as np
import openmm as mm
import pytest
from conftest import (CELL, ETHANOL, ETHANOL_BONDS, EV, assert_close, energy, forces, make_context,
                      make_force, make_system, make_topology)
from openmm import app, unit

import openmmequivariant
from openmmequivariant import EquivariantForce, Evaluator, Model


@pytest.fixture
def context(tiny):
    system = make_system()
    system.addForce(make_force(tiny))
    return make_context(system)


def test_force_is_added_and_gives_the_evaluators_numbers(context, tiny):
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL)
    assert_close(energy(context), expected.interactionEnergy * EV)
    assert_close(forces(context), expected.forces * 10 * EV)


def test_periodic(tiny):
    system = make_system(cell=CELL)
    system.addForce(make_force(tiny, periodic=True))
    context = make_context(system)
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL, CELL)
    assert_close(energy(context), expected.interactionEnergy * EV)
    assert_close(forces(context), expected.forces * 10 * EV)


def test_queries_carry_units(context, tiny):
    force = EquivariantForce.cast(context.getSystem().getForce(0))
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL)
    atoms = force.getAtomEnergies(context)
    assert atoms.unit == unit.kilojoule_per_mole
    assert isinstance(atoms.value_in_unit(unit.kilojoule_per_mole), list)
    assert_close(sum(atoms.value_in_unit(unit.kilojoule_per_mole)),
                 expected.interactionEnergy * EV)
    virial = force.getVirial(context)
    assert virial.unit == unit.kilojoule_per_mole
    assert isinstance(virial.value_in_unit(unit.kilojoule_per_mole)[0], mm.Vec3)
    array = force.getVirial(context, asNumpy=True).value_in_unit(unit.kilojoule_per_mole)
    assert_close(array, (expected.virial + expected.virial.T) / 2 * EV)
    force.setEnergyType(EquivariantForce.TotalEnergy)
    force.updateParametersInContext(context)
    array = force.getAtomEnergies(context, asNumpy=True).value_in_unit(unit.kilojoule_per_mole)
    assert_close(array, expected.atomEnergies * EV)
    assert_close(energy(context), expected.energy * EV)


def test_settings_are_read_back(tiny, two_heads):
    force = EquivariantForce(two_heads)
    assert force.getModel() == Model(two_heads)
    assert force.addParticle(4, 8) == 0 and force.addParticle(2, 1) == 1
    assert force.getNumParticles() == 2
    assert list(force.getParticleParameters(1)) == [2, 1]
    force.setParticleParameters(1, 3, 6)
    assert list(force.getParticleParameters(1)) == [3, 6]
    assert force.addBond(4, 3) == 0 and force.getNumBonds() == 1
    assert list(force.getBondParameters(0)) == [4, 3]
    assert not force.usesPeriodicBoundaryConditions()
    force.setUsesPeriodicBoundaryConditions(True)
    assert force.usesPeriodicBoundaryConditions()
    assert force.getHead() == ""
    force.setHead(force.getModel().heads[1])
    assert force.getHead() == force.getModel().heads[1]
    assert force.getEnergyType() == EquivariantForce.InteractionEnergy
    force.setEnergyType(EquivariantForce.TotalEnergy)
    assert force.getEnergyType() == EquivariantForce.TotalEnergy
    assert force.getScaleParameter() == "" and force.getDefaultScale() == 1
    force.setScaleParameter("lambda")
    force.setDefaultScale(0.5)
    force.addEnergyParameterDerivative("lambda")
    assert force.getScaleParameter() == "lambda" and force.getDefaultScale() == 0.5
    assert force.getNumEnergyParameterDerivatives() == 1
    assert force.getEnergyParameterDerivativeName(0) == "lambda"
    force.setForceGroup(3)
    assert force.getForceGroup() == 3
    assert force.getName() == "EquivariantForce"


def test_scale_and_derivative(tiny):
    force = make_force(Model(tiny))
    force.setScaleParameter("lambda")
    force.addEnergyParameterDerivative("lambda")
    system = make_system()
    system.addForce(force)
    context = make_context(system)
    full = energy(context)
    context.setParameter("lambda", 0.25)
    assert_close(energy(context), 0.25 * full)
    state = context.getState(getParameterDerivatives=True)
    assert_close(state.getEnergyParameterDerivatives()["lambda"], full)


def test_forces_that_come_back(context, tiny):
    plain = context.getSystem().getForce(0)
    assert EquivariantForce.isinstance(plain)
    force = EquivariantForce.cast(plain)
    assert force.getNumParticles() == len(ETHANOL[0]) and not force.thisown
    other = mm.CMMotionRemover()
    assert not EquivariantForce.isinstance(other)
    with pytest.raises(TypeError, match="CMMotionRemover"):
        EquivariantForce.cast(other)


def test_cast_keeps_one_owner(tiny):
    """A plain force that owns its object, cast, added to a System, all dropped in any order."""
    text = mm.XmlSerializer.serialize(make_force(tiny))
    plain = mm.XmlSerializer.deserialize(text)
    force = EquivariantForce.cast(plain)
    del plain
    gc.collect()
    assert force.getNumParticles() == len(ETHANOL[0]) and force.thisown
    plain = mm.XmlSerializer.deserialize(text)
    force = EquivariantForce.cast(plain)
    system = make_system()
    system.addForce(force)
    assert not plain.thisown
    with pytest.raises(Exception, match="does not own"):
        system.addForce(plain)
    del plain, force
    gc.collect()
    assert np.isfinite(energy(make_context(system)))


def test_copies(tiny):
    force = make_force(tiny)
    force.addBond(0, 1)
    for duplicate in (copy.copy(force), copy.deepcopy(force), pickle.loads(pickle.dumps(force))):
        assert isinstance(duplicate, EquivariantForce)
        assert duplicate.getNumParticles() == force.getNumParticles()
        assert duplicate.getNumBonds() == 1
        assert duplicate.getModel() == force.getModel()
        duplicate.addParticle(100, 1)
        assert force.getNumParticles() == len(ETHANOL[0])


def test_from_topology(tiny):
    topology = make_topology(copies=2)
    force = EquivariantForce.fromTopology(topology, tiny)
    assert [tuple(force.getParticleParameters(i)) for i in range(18)] == list(
        enumerate(ETHANOL[0] * 2))
    assert force.getNumBonds() == 2 * len(ETHANOL_BONDS)
    assert not force.usesPeriodicBoundaryConditions()
    topology.setPeriodicBoxVectors(CELL * 0.1 * unit.nanometer)
    force = EquivariantForce.fromTopology(topology, Model(tiny), atoms=np.arange(9, 18))
    assert list(force.getParticleParameters(0)) == [9, 6]
    assert force.getNumBonds() == len(ETHANOL_BONDS)
    assert list(force.getBondParameters(0)) == [9, 10]
    assert force.usesPeriodicBoundaryConditions()


def test_from_topology_with_extra_particles(tiny):
    topology = make_topology()
    residue = next(topology.residues())
    topology.addAtom("EP", None, residue)
    assert EquivariantForce.fromTopology(topology, tiny).getNumParticles() == len(ETHANOL[0])
    with pytest.raises(ValueError, match="atom 9 .* no element"):
        EquivariantForce.fromTopology(topology, tiny, [0, 9])
    with pytest.raises(ValueError, match="atom 10 is not"):
        EquivariantForce.fromTopology(topology, tiny, [10])


def test_bad_input_raises_openmms_exception(tiny):
    force = EquivariantForce(tiny)
    with pytest.raises(mm.OpenMMException, match="there is no particle 0"):
        force.getParticleParameters(0)
    with pytest.raises(mm.OpenMMException, match="no head 'x'"):
        force.setHead("x")
    with pytest.raises(mm.OpenMMException, match="/no/such"):
        EquivariantForce("/no/such")
    with pytest.raises(mm.OpenMMException, match="not finite"):
        force.setDefaultScale(float("nan"))
    with pytest.raises(TypeError):
        force.addParticle("0", 1)
    with pytest.raises(TypeError):
        EquivariantForce()
    force.addParticle(0, 26)
    system = make_system()
    system.addForce(force)
    with pytest.raises(mm.OpenMMException, match="particle 0: .*26"):
        make_context(system)


def test_query_needs_the_context_of_the_force(context, tiny):
    with pytest.raises(mm.OpenMMException):
        make_force(tiny).getAtomEnergies(context)


def test_context_on_a_platform_without_kernel(tiny):
    system = make_system()
    system.addForce(make_force(tiny))
    others = [mm.Platform.getPlatform(i) for i in range(mm.Platform.getNumPlatforms())]
    others = [p for p in others if p.getName() not in openmmequivariant.supportedPlatforms()]
    for platform in others:
        with pytest.raises(mm.OpenMMException, match="does not support all required kernels"):
            mm.Context(system, mm.VerletIntegrator(0.001), platform)


def test_platforms_and_failures():
    assert {"Reference", "CPU"} <= set(openmmequivariant.supportedPlatforms())
    assert not any("Reference" in line for line in openmmequivariant.pluginLoadFailures())


def test_contexts_in_threads(tiny):
    model = Model(tiny)

    def run(seed):
        system = make_system()
        force = make_force(model)
        system.addForce(force)
        context = make_context(system, ETHANOL[1] * (1 + 0.01 * seed))
        context.getIntegrator().step(20)
        force.getAtomEnergies(context)
        return energy(context)

    expected = [run(seed) for seed in range(6)]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(6))) == expected


def test_contexts_of_the_cpu_platform_in_threads(tiny):
    expected = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL, CELL)

    def run(threads):
        system = make_system(cell=CELL)
        force = make_force(tiny, periodic=True)
        force.setScaleParameter("scale")
        system.addForce(force)
        context = mm.Context(system, mm.VerletIntegrator(0.0001), mm.Platform.getPlatform("CPU"),
                             {"Threads": str(threads)})
        context.setPositions(ETHANOL[1] * 0.1)
        first = energy(context), forces(context)
        context.setParameter("scale", 0.001)  # the model is random and its forces are large
        context.getIntegrator().step(20)
        return *first, forces(context), force.getAtomEnergies(context)

    alone = run(1)
    assert_close(alone[0], expected.interactionEnergy * EV, 2e-5)
    assert_close(alone[1], expected.forces * 10 * EV, 2e-5)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for result in pool.map(run, [1, 2, 3, 1, 2, 3]):
            assert result[0] == alone[0] and result[3] == alone[3]
            assert np.array_equal(result[1], alone[1]) and np.array_equal(result[2], alone[2])


def test_simulation_of_openmms_application_layer(tiny):
    topology = make_topology()
    system = make_system()
    system.addForce(EquivariantForce.fromTopology(topology, tiny))
    simulation = app.Simulation(topology, system, mm.VerletIntegrator(0.0001),
                                mm.Platform.getPlatform("Reference"))
    simulation.context.setPositions(ETHANOL[1] * 0.1)
    before = energy(simulation.context)
    simulation.minimizeEnergy(maxIterations=5)
    assert energy(simulation.context) < before
    simulation.step(2)


def test_everything_public_has_a_docstring():
    missing = [name for name in openmmequivariant.__all__
               if not (getattr(openmmequivariant, name).__doc__ or "").strip()]
    for owner in (EquivariantForce, Model, Evaluator):
        for name, member in vars(owner).items():
            if name.startswith("_") or name == "thisown" or isinstance(member, int):
                continue
            member = member.__func__ if isinstance(member, staticmethod) else member
            if len((member.__doc__ or "").split()) < 2:
                missing.append(f"{owner.__name__}.{name}")
    assert not missing
    assert "atomicNumber" in inspect.signature(EquivariantForce.addParticle).parameters
