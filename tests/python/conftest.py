# SPDX-License-Identifier: MIT
"""Models and small systems for the tests of the Python package."""
import importlib.metadata
import json
import pathlib

import numpy as np
import openmm as mm
import pytest
from openmm import app, unit

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
EV = 96.48533212331  # kJ/mol

# Numbers and Å.
ETHANOL = ([6, 6, 8, 1, 1, 1, 1, 1, 1],
           np.array([[0, 0, 0], [1.512, 0, 0], [1.98, 1.34, 0.05], [-0.39, -1.02, 0.03],
                     [-0.38, 0.53, 0.88], [-0.37, 0.49, -0.91], [1.88, -0.54, -0.87],
                     [1.89, -0.51, 0.90], [2.94, 1.30, 0.01]]))
ETHANOL_BONDS = [(0, 1), (1, 2), (0, 3), (0, 4), (0, 5), (1, 6), (1, 7), (2, 8)]
WATER = ([8, 1, 1], np.array([[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]]))
CELL = np.array([[6.5, 0, 0], [1.2, 6.0, 0], [-1.0, 1.5, 5.5]])


def pytest_addoption(parser):
    parser.addoption("--peers", action="store_true", help="also compare with mace-torch")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--peers"):
        return
    skip = pytest.mark.skip(reason="compares with mace-torch: --peers")
    for item in items:
        if "peers" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    """Function from the name of a golden case to the path of its model file."""
    from openmmequivariant.convert import convert_mace_json, convert_ponita_json
    folder = tmp_path_factory.mktemp("models")

    def convert(name):
        path = folder / f"{name}.safetensors"
        if not path.exists():
            source, = DATA.glob(f"*/{name}.model.json")
            convert_it = {"mace": convert_mace_json, "ponita": convert_ponita_json}
            convert_it[source.parent.name](str(source), str(path))
        return str(path)
    return convert


@pytest.fixture(scope="session")
def program():
    """Path of the installed command."""
    return str(next(file.locate() for file in importlib.metadata.files("openmm-equivariant")
                    if str(file).endswith("bin/equivariant")))


@pytest.fixture(scope="session")
def tiny(model_path):
    """A small random MACE of H, C, O with a cutoff of 4 Å."""
    return model_path("a_l1c2_L0")


@pytest.fixture(scope="session")
def two_heads(model_path):
    """A random MACE with two heads and a short-range repulsion."""
    return model_path("c_l2c3_L1_density_zbl_agnesi_2heads")


def import_tblite():
    """tblite's interface, with one thread: its molecules here are too small for more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read when it is imported first
        return pytest.importorskip("tblite.interface")


def golden(name):
    """The list of expected results of a golden case."""
    path, = DATA.glob(f"*/{name}.expected.json")
    return json.loads(path.read_text())


def make_topology(numbers=ETHANOL[0], bonds=ETHANOL_BONDS, copies=1):
    """Copies of a molecule, one residue each."""
    topology = app.Topology()
    chain = topology.addChain()
    for _ in range(copies):
        residue = topology.addResidue("MOL", chain)
        atoms = [topology.addAtom(f"A{i}", app.Element.getByAtomicNumber(z), residue)
                 for i, z in enumerate(numbers)]
        for i, j in bonds:
            topology.addBond(atoms[i], atoms[j])
    return topology


def make_system(numbers=ETHANOL[0], cell=None):
    system = mm.System()
    for number in numbers:
        system.addParticle(2.0 * number)
    if cell is not None:
        system.setDefaultPeriodicBoxVectors(*(cell * 0.1))
    return system


def make_force(model, numbers=ETHANOL[0], periodic=False):
    from openmmequivariant import EquivariantForce
    force = EquivariantForce(model)
    for i, number in enumerate(numbers):
        force.addParticle(i, number)
    force.setUsesPeriodicBoundaryConditions(periodic)
    return force


def make_context(system, positions=ETHANOL[1]):
    """A Context of the Reference platform; positions in Å."""
    context = mm.Context(system, mm.VerletIntegrator(0.001),
                         mm.Platform.getPlatform("Reference"))
    context.setPositions(np.asarray(positions) * 0.1)
    return context


def energy(context):
    """kJ/mol"""
    return context.getState(getEnergy=True).getPotentialEnergy().value_in_unit(
        unit.kilojoule_per_mole)


def forces(context):
    """kJ/mol/nm"""
    return context.getState(getForces=True).getForces(asNumpy=True).value_in_unit(
        unit.kilojoule_per_mole / unit.nanometer)


def assert_close(actual, expected, tolerance=1e-10):
    """Within tolerance * max(1, largest expected value); a NaN fails."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    scale = max(1.0, np.max(np.abs(expected), initial=0))
    assert np.max(np.abs(actual - expected), initial=0) <= tolerance * scale
