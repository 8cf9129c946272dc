# SPDX-License-Identifier: MIT
"""A System written in one process runs in another that has neither the model file nor our package
imported."""
import shutil
import subprocess
import sys

import openmm as mm
from conftest import CELL, energy, forces, make_context, make_force, make_system

from openmmequivariant import EquivariantForce

READER = """
import sys
import openmm as mm
system = mm.XmlSerializer.deserialize(open(sys.argv[1]).read())
state = mm.XmlSerializer.deserialize(open(sys.argv[2]).read())
context = mm.Context(system, mm.VerletIntegrator(0.001), mm.Platform.getPlatform("Reference"))
context.setState(state)
state = context.getState(getEnergy=True)
print(repr(state.getPotentialEnergy()._value))
assert not any(name.startswith("openmmequivariant") for name in sys.modules)
"""


def test_another_process_computes_the_same(tiny, tmp_path):
    model_file = tmp_path / "model.safetensors"
    shutil.copy(tiny, model_file)
    system = make_system(cell=CELL)
    system.addForce(make_force(model_file, periodic=True))
    context = make_context(system)
    (tmp_path / "system.xml").write_text(mm.XmlSerializer.serialize(system))
    state = context.getState(getPositions=True, getVelocities=True)
    (tmp_path / "state.xml").write_text(mm.XmlSerializer.serialize(state))
    model_file.unlink()
    run = subprocess.run([sys.executable, "-c", READER, "system.xml", "state.xml"], cwd=tmp_path,
                         capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) == energy(context)


def test_text_is_the_same_again(two_heads):
    force = make_force(two_heads)
    force.setHead(force.getModel().heads[1])
    force.setScaleParameter("lambda")
    force.setDefaultScale(1 / 3)
    force.addEnergyParameterDerivative("lambda")
    force.addBond(0, 1)
    force.setForceGroup(7)
    force.setName("ML")
    text = mm.XmlSerializer.serialize(force)
    duplicate = EquivariantForce.cast(mm.XmlSerializer.deserialize(text))
    assert mm.XmlSerializer.serialize(duplicate) == text
    assert duplicate.getDefaultScale() == 1 / 3 and duplicate.getName() == "ML"


def test_nested_in_a_cv_force(tiny):
    """CustomCVForce keeps a copy of the forces that it contains."""
    plain, nested = make_system(), make_system()
    plain.addForce(make_force(tiny))
    cv = mm.CustomCVForce("2*ml")
    cv.addCollectiveVariable("ml", make_force(tiny))
    nested.addForce(cv)
    one, two = make_context(plain), make_context(nested)
    assert energy(two) == 2 * energy(one)
    assert (forces(two) == 2 * forces(one)).all()
