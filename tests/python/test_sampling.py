# SPDX-License-Identifier: MIT
"""What OpenMM's application layer does with Contexts: metadynamics, simulated tempering."""
import numpy as np
import openmm as mm
import pytest
from conftest import ETHANOL, EV, assert_close, energy, make_force, make_system, make_topology
from openmm import app, unit

from openmmequivariant import Evaluator

KELVIN = unit.kelvin


@pytest.fixture(params=["Reference", "CPU", "OpenCL"])
def platform(request):
    names = [mm.Platform.getPlatform(i).getName() for i in range(mm.Platform.getNumPlatforms())]
    if request.param not in names:
        pytest.skip(f"OpenMM has no platform {request.param} here")
    return mm.Platform.getPlatform(request.param)


def gentle_system(model):
    """A molecule with the model scaled down, because it is random and its forces are large."""
    system = make_system()
    force = make_force(model)
    force.setScaleParameter("scale")
    force.setForceGroup(3)
    system.addForce(force)
    return system


def expected_energy(model, positions, scale):
    evaluator = Evaluator(model, exactRadial=True)
    angstrom = positions.value_in_unit(unit.angstrom)
    return scale * evaluator.evaluate(ETHANOL[0], np.array(angstrom)).interactionEnergy * EV


def simulate(system, integrator, platform):
    simulation = app.Simulation(make_topology(), system, integrator, platform)
    simulation.context.setPositions(ETHANOL[1] * 0.1)
    simulation.context.setParameter("scale", 0.001)
    return simulation


def own_energy(context):
    state = context.getState(energy=True, positions=True, groups={3})
    return (state.getPotentialEnergy().value_in_unit(unit.kilojoule_per_mole),
            state.getPositions(asNumpy=True))


def test_metadynamics(tiny, platform):
    system = gentle_system(tiny)
    distance = mm.CustomBondForce("r")
    distance.addBond(0, 1)
    variable = app.BiasVariable(distance, 0.05, 0.4, 0.02)
    meta = app.Metadynamics(system, [variable], 300 * KELVIN, 5, 1.0, 5)
    simulation = simulate(system, mm.LangevinMiddleIntegrator(300, 1, 0.0001), platform)
    meta.step(simulation, 20)
    assert np.max(np.abs(meta.getFreeEnergy().value_in_unit(unit.kilojoule_per_mole))) > 0
    found, positions = own_energy(simulation.context)
    assert_close(found, expected_energy(tiny, positions, 0.001), 2e-5)
    assert abs(energy(simulation.context) - found) > 1e-3  # the bias is there, too


def test_simulated_tempering(tiny, platform):
    simulation = simulate(gentle_system(tiny), mm.LangevinMiddleIntegrator(300, 1, 0.0001),
                          platform)
    tempering = app.SimulatedTempering(simulation, numTemperatures=3,
                                       minTemperature=300 * KELVIN, maxTemperature=400 * KELVIN,
                                       tempChangeInterval=5, reportInterval=100)
    tempering.step(20)
    found, positions = own_energy(simulation.context)
    assert_close(found, expected_energy(tiny, positions, 0.001), 2e-5)
