# SPDX-License-Identifier: MIT
"""The scripts of benchmarks/: structures, models, and the comparison in its short form."""
import importlib.util
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from conftest import assert_close

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def structures():
    return load("structures")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Models and structures, shared by the tests."""
    return tmp_path_factory.mktemp("benchmarks")


def load(name):
    specification = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def compare(program, folder, *options):
    """The rows of a short comparison."""
    output = folder / "rows.json"
    run = subprocess.run([sys.executable, str(BENCHMARKS / "compare.py"), "--quick", "--program",
                          program, "--folder", str(folder), "--json", str(output), *options],
                         capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr
    rows = json.loads(output.read_text())["rows"]
    assert run.stdout.count("\n") == 2 + len(rows)
    return rows


@pytest.mark.parametrize("name, formula", [("alanine-dipeptide", "C6H12N2O2"),
                                           ("3bpa", "C12H12N2O")])
def test_molecules(structures, name, formula):
    pytest.importorskip("rdkit")
    atoms = structures.make(name)
    assert atoms.get_chemical_formula() == formula
    distances = atoms.get_all_distances()[np.triu_indices(len(atoms), 1)]
    assert 0.9 < distances.min() < 1.2


def test_water(structures, folder):
    import ase.io
    from ase.neighborlist import neighbor_list
    atoms = ase.io.read(structures.write("water-192", folder / "structures"))
    assert atoms.get_chemical_formula() == "H128O64"
    assert atoms.pbc.all()
    density = atoms.get_masses().sum() / atoms.get_volume() / 0.602214076  # g/cm³
    assert abs(density - 0.997) < 0.001
    i, j, distances = neighbor_list("ijd", atoms, 1.5)
    bonds = (i // 3 == j // 3) & (distances < 1.0)
    assert_close(distances[bonds], np.full(2 * 128, 0.9572), 1e-4)
    assert distances[i // 3 != j // 3].min(initial=9) > 1.2


def test_quick_comparison_without_others(program, folder):
    pytest.importorskip("rdkit")
    rows = compare(program, folder, "--models", "ponita", "gaunt-mace-medium",
                   "gaunt-copies-mace-medium", "--peers")
    assert [row["model"] for row in rows] == ["ponita", "gaunt-mace-medium",
                                              "gaunt-copies-mace-medium"]
    for row in rows:
        assert row["atoms"] == 22
        assert row["peer"] is None
        assert len(row["ours"]["rounds_ms"]) == 2
        assert min(row["ours"]["rounds_ms"]) > 0


@pytest.mark.parametrize("model, peer", [
    pytest.param("ponita", "ponita-torch", marks=pytest.mark.skipif(
        importlib.util.find_spec("torch") is None, reason="needs PyTorch")),
    pytest.param("mace-small", "mace-torch", marks=pytest.mark.peers)])
def test_quick_comparison(program, folder, model, peer):
    """Which also finds that both compute the same."""
    pytest.importorskip("rdkit")
    row, = compare(program, folder, "--models", model, "--peers", peer)
    assert row["peer"] == peer
    assert row["force_error"] < 1e-5
    assert len(row["ratios"]) == 2
    assert min(row["ratios"]) > 0
    assert row["theirs"]["peak_mb"] > row["ours"]["peak_mb"]


def write_with_config(source, target, changes):
    """A model file with other entries in its config."""
    content = pathlib.Path(source).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    config = json.loads(header["__metadata__"]["config"])
    header["__metadata__"]["config"] = json.dumps({**config, **changes}, sort_keys=True,
                                                  separators=(",", ":"))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(len(text).to_bytes(8, "little") + text + content[start:])


def test_force_jumps_of_orientation_grids(model_path, tmp_path):
    """The published attribute has a cone point where a bond passes an orientation, the smooth one
    has not; in a point cloud there is nothing to pass."""
    pytest.importorskip("rdkit")
    rotations = load("ponita_rotations")
    topology, positions = rotations.make_molecule("CCO")
    published, smooth = model_path("b_r3s2_o20_cutoff"), tmp_path / "smooth.safetensors"
    write_with_config(published, smooth, {"invariants": {"type": "smooth", "delta": 0.3}})
    jumps = [rotations.force_jump(str(model), topology, 10 * positions)
             for model in (published, smooth)]
    assert jumps[1] < 0.01 * jumps[0]
    assert rotations.force_jump(model_path("h_r3s2_point_cloud_cutoff"), topology,
                                10 * positions) is None


def test_angular_momentum_counts_while_the_molecule_holds(model_path, capsys):
    """A MACE conserves it; a model of random weights is no potential of a molecule."""
    pytest.importorskip("rdkit")
    rotations = load("ponita_rotations")
    topology, positions = rotations.make_molecule("CCO")
    trained = BENCHMARKS.parent / "data/models/hcno-mace-64.safetensors"
    last, largest = rotations.spin_up(str(trained), topology, positions, 0.05, "CPU")
    assert 0 < last <= largest < 1e-5
    untrained = str(model_path("h_r3s2_point_cloud_cutoff"))
    assert rotations.spin_up(untrained, topology, positions, 1, "CPU") == (None, None)
    assert "times as long" in capsys.readouterr().err


def test_hydrogen_of_an_enol_hops():
    """From one oxygen to the other it breaks no bond, away from both it does."""
    pytest.importorskip("rdkit")
    rotations = load("ponita_rotations")
    topology, positions = rotations.make_molecule("C/C(O)=C/C(C)=O")
    model = rotations.Model(BENCHMARKS.parent / "data/models/acac-mace-64.safetensors")
    simulation = rotations.make_simulation(topology, positions, model,
                                           rotations.mm.VerletIntegrator(0.001), "Reference")
    bonds = rotations.Bonds(simulation)
    [[oxygen, hydrogen]] = [(a.index, b.index) for a, b in topology.bonds()
                            if (a.element.symbol, b.element.symbol) == ("O", "H")]
    [other] = [a.index for a in topology.atoms()
               if a.element.symbol == "O" and a.index != oxygen]
    apart = positions[other] - positions[oxygen]
    bond = np.linalg.norm(positions[hydrogen] - positions[oxygen])
    positions[hydrogen] = positions[other] - bond * apart / np.linalg.norm(apart)
    simulation.context.setPositions(positions)
    assert_close(bonds.check(), 1, 1e-6)
    positions[hydrogen] += 1
    simulation.context.setPositions(positions)
    with pytest.raises(rotations.BrokenBond):
        bonds.check()


@pytest.mark.parametrize("name, models", [("3bpa", ["mace", "gaunt-mace", "ponita"]),
                                          ("ponita", ["smooth", "point-cloud"])])
def test_accuracy(program, tmp_path, name, models):
    data = BENCHMARKS.parent.parent / "shared" / "data"
    if not (data / "3bpa").exists():
        pytest.skip("no public data sets beside the repository")
    sets = BENCHMARKS / "accuracy"
    run = subprocess.run([sys.executable, str(sets / "run.py"), str(sets / f"{name}.json"), "--quick",
                          "--data", str(data), "--output", str(tmp_path), "--program", program,
                          "--models", *models], capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr
    for row in ("held out", *(f"\n{model}, " for model in models)):
        assert row in run.stdout
