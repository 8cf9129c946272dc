# SPDX-License-Identifier: MIT
"""What an orientation grid does to molecular dynamics with a PONITA model:

    ponita_rotations.py MODEL DATA.xyz [--program EQUIVARIANT] [--smiles SMILES] [--time PS]

Prints JSON: errors and rotation errors (standard deviation of the energy, deviation of the forces)
as `equivariant validate` measures them; the jump of the forces where a bond crosses an orientation;
the angular momentum that builds up from rest, relative to what a thermal one would be: at the end,
and the largest of those at every tenth of the time. The rotation error and the jump are null for
models without a grid, which are exactly invariant; angular momenta if the molecule fell apart.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np
import openmm as mm
from openmm import unit

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "examples")]
from run_3bpa import SMILES, make_molecule, make_simulation  # noqa: E402
from stability import Bonds, BrokenBond, run_watched  # noqa: E402

from openmmequivariant import Evaluator, Model  # noqa: E402

ROUNDOFF_ANGLE = 1e-4
KT = 2.494338785  # kJ/mol at 300 K
PARTS = 10  # of a run, after each of which the angular momentum is taken


def validate(arguments):
    return json.loads(subprocess.run(
        [arguments.program, "validate", arguments.model, arguments.data, "--json"],
        check=True, capture_output=True, text=True).stdout)


def read_orientations(path):
    """The grid of a model file (safetensors), [orientations][xyz]; None if it has none."""
    content = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    if "orientations" not in header:
        return None
    entry = header["orientations"]
    begin, end = entry["data_offsets"]
    kind = {"F64": "<f8", "F32": "<f4"}[entry["dtype"]]
    return np.frombuffer(content[start + begin:start + end], kind).reshape(entry["shape"])


def rotation_to(start, end):
    """The rotation that turns one unit vector into another, by the shortest way."""
    axis = np.cross(start, end)
    cosine = start @ end
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + cross + cross @ cross / (1 + cosine)


def turn_about(axis, angle):
    """Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def force_jump(model, topology, positions):
    """Largest change (meV/Å, norm over the atoms) of the forces on a molecule that is turned by a
    hardly noticeable angle, so that a bond passes an orientation of the grid."""
    orientations = read_orientations(model)
    if orientations is None:
        return None
    evaluator = Evaluator(model, exactRadial=True)
    numbers = [atom.element.atomic_number for atom in topology.atoms()]
    random = np.random.default_rng(1)
    largest = 0.0
    for bond in list(topology.bonds())[:8]:
        direction = positions[bond[1].index] - positions[bond[0].index]
        orientation = orientations[random.integers(len(orientations))].astype(float)
        aligned = positions @ rotation_to(direction / np.linalg.norm(direction), orientation).T
        axis = np.cross(orientation, random.normal(size=3))
        sides = []
        for angle in (-ROUNDOFF_ANGLE, ROUNDOFF_ANGLE):
            rotation = turn_about(axis, angle)
            sides.append(evaluator.evaluate(numbers, aligned @ rotation.T).forces @ rotation)
        largest = max(largest, 1000 * float(np.linalg.norm(sides[1] - sides[0])))
    return largest


def angular_momentum(simulation):
    """nm² g/mol/ps, about the center of mass; and the moments of inertia."""
    state = simulation.context.getState(getPositions=True, getVelocities=True)
    x, v = state.getPositions(asNumpy=True)._value, state.getVelocities(asNumpy=True)._value
    masses = np.array([a.element.mass._value for a in simulation.topology.atoms()])[:, None]
    x, v = (y - (masses * y).sum(0) / masses.sum() for y in (x, v))
    inertia = (masses * ((x ** 2).sum(1)[:, None])).sum() * np.eye(3) - (masses * x).T @ x
    return (masses * np.cross(x, v)).sum(0), inertia, x, v


def spin_up(model, topology, positions, length, platform):
    """Angular momentum in a run at constant energy (300 K, at first no rotation), relative to the
    root mean square of a thermal one: at the end, and the largest."""
    integrator = mm.VerletIntegrator(0.5 * unit.femtosecond)
    simulation = make_simulation(topology, positions, Model(model), integrator, platform)
    simulation.minimizeEnergy(tolerance=50 * unit.kilojoule_per_mole / unit.nanometer)
    bonds = Bonds(simulation)
    simulation.context.setVelocitiesToTemperature(600 * unit.kelvin, 1)  # half becomes potential
    momentum, inertia, x, v = angular_momentum(simulation)
    simulation.context.setVelocities(v - np.cross(np.linalg.solve(inertia, momentum), x))
    relative = []
    for _ in range(PARTS):
        try:
            run_watched(simulation, bonds, round(length * 2000 / PARTS))
        except BrokenBond as error:
            print(f"ponita_rotations.py: {error}", file=sys.stderr)
            return None, None
        momentum, inertia, _, _ = angular_momentum(simulation)
        relative.append(float(np.linalg.norm(momentum) / np.sqrt(KT * np.trace(inertia))))
    return relative[-1], max(relative)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--program", default="equivariant")
    parser.add_argument("--smiles", default=SMILES)
    parser.add_argument("--time", type=float, default=10.0, help="ps")
    parser.add_argument("--platform", default="CPU")
    arguments = parser.parse_args()
    topology, positions = make_molecule(arguments.smiles)
    errors = validate(arguments)
    last, largest = spin_up(arguments.model, topology, positions, arguments.time,
                            arguments.platform)
    print(json.dumps({
        "energy_rmse": errors["energy_rmse"], "force_rmse": errors["force_rmse"],
        "rotation_error": errors.get("rotation_error"),
        "force_jump": force_jump(arguments.model, topology, 10 * positions),
        "angular_momentum": last, "largest_angular_momentum": largest}, indent=2))


if __name__ == "__main__":
    main()
