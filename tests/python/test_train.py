# SPDX-License-Identifier: MIT
"""equivariant train: from labelled structures to a model file."""
import json
import pathlib
import subprocess

import numpy as np
import pytest
from conftest import ETHANOL, WATER

from openmmequivariant import Evaluator, Model

SYMBOLS = {1: "H", 6: "C", 8: "O"}
ISOLATED = {"H": -1.5, "C": -3.25, "O": 2.0}
SMALL = {"num_channels": 4, "max_L": 1, "max_ell": 2, "cutoff": 4.0, "radial_network": [8],
         "readout_hidden": 4}


def xyz(numbers, positions, energy, forces):
    rows = "".join(f"{SYMBOLS[z]} " + " ".join(map(repr, [*p, *f])) + "\n"
                   for z, p, f in zip(numbers, positions.tolist(), forces.tolist(), strict=True))
    return (f"{len(numbers)}\nProperties=species:S:1:pos:R:3:forces:R:3 energy={energy!r}\n"
            f"{rows}")


def write_data(path, teacher, count):
    """Shaken molecules with the labels of a model."""
    random = np.random.default_rng(1)
    evaluator = Evaluator(teacher)
    text = ""
    for i in range(count):
        numbers, start = ETHANOL if i % 2 else WATER
        positions = start + 0.05 * random.normal(size=start.shape)
        labels = evaluator.evaluate(numbers, positions)
        energy = labels.interactionEnergy + sum(ISOLATED[SYMBOLS[z]] for z in numbers)
        text += xyz(numbers, positions, float(energy), np.asarray(labels.forces))
    path.write_text(text)


@pytest.fixture
def train(program, tmp_path, tiny):
    """Function that trains with a configuration: the finished process."""
    write_data(tmp_path / "train.xyz", tiny, 20)

    def run(config, *arguments):
        config = {"name": "student", "threads": 1,
                  "data": {"train": "train.xyz", "isolated_atoms": ISOLATED},
                  "model": SMALL, **config}
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config))
        return subprocess.run([program, "train", str(path), *arguments], capture_output=True,
                              text=True, timeout=600)
    return run


def metrics(folder):
    lines = (folder / "student.metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert all(row.pop("seconds") > 0 for row in rows)  # all else repeats
    return rows


def test_run_learns_and_resumes_bit_for_bit(train, program, tmp_path):
    whole = train({"epochs": 6})
    assert whole.returncode == 0, whole.stderr
    assert "18 structures to train on, 2 to validate on" in whole.stdout
    report = metrics(tmp_path)
    assert [row["epoch"] for row in report] == [1, 2, 3, 4, 5, 6]
    assert report[-1]["valid_loss"] < report[0]["valid_loss"]
    model = tmp_path / "student.safetensors"
    expected = model.read_bytes()
    assert train({"epochs": 2}).returncode == 0
    assert train({"epochs": 6}, "--resume").returncode == 0
    assert model.read_bytes() == expected
    assert metrics(tmp_path) == report


def test_an_epoch_counts_only_with_its_model(train, tmp_path):
    blocked = tmp_path / "student.safetensors"
    blocked.mkdir()
    run = train({"epochs": 1})
    assert run.returncode == 2 and "student.safetensors" in run.stderr
    assert not (tmp_path / "student.checkpoint").exists()


def test_result_is_reported_and_drawn(train, program, tmp_path):
    (tmp_path / "valid.xyz").write_text((tmp_path / "train.xyz").read_text())
    run = train({"epochs": 2, "data": {"train": "train.xyz", "valid": "valid.xyz",
                                       "isolated_atoms": ISOLATED}})
    assert run.returncode == 0, run.stderr
    validated = subprocess.run([program, "validate", str(tmp_path / "student.safetensors"),
                                str(tmp_path / "valid.xyz")],
                               capture_output=True, text=True, timeout=300)
    assert validated.returncode == 0, validated.stderr
    assert validated.stdout in run.stdout
    for plot in ("learning", "parity"):
        assert (tmp_path / f"student.{plot}.png").read_bytes().startswith(b"\x89PNG")


def test_run_needs_no_gnuplot(train, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    run = train({"epochs": 1})
    assert run.returncode == 0, run.stderr
    assert "no plots" in run.stdout and "gnuplot" in run.stdout
    assert not list(tmp_path.glob("*.png*"))


@pytest.mark.parametrize("sizes", [
    {"architecture": "gaunt-mace", "num_channels": 4, "max_ell": 2, "copies": 2},
    {"architecture": "ponita", "num_channels": 8, "orientations": "icosahedron-12"},
])
def test_other_architectures_learn(sizes, train, tmp_path):
    run = train({"epochs": 6, "model": {"cutoff": 4.0, **sizes}})
    assert run.returncode == 0, run.stderr
    report = metrics(tmp_path)
    assert report[-1]["valid_loss"] < report[0]["valid_loss"]
    assert Model(str(tmp_path / "student.safetensors")).architecture == sizes["architecture"]


def test_final_grid_is_another(train, tmp_path):
    sizes = {"architecture": "ponita", "cutoff": 4.0, "num_channels": 8}
    coarse = {**sizes, "orientations": "icosahedron-12"}
    energies = []
    for model in (coarse, {**coarse, "final_orientations": "lebedev-26"}):
        run = train({"epochs": 1, "model": model})
        assert run.returncode == 0, run.stderr
        energies.append(Evaluator(str(tmp_path / "student.safetensors"))
                        .evaluate(*ETHANOL).interactionEnergy)
    assert energies[0] != energies[1]
    assert energies[0] == pytest.approx(energies[1], rel=0.2)
    run = train({"epochs": 1, "model": {**coarse, "final_orientations": "cube-8"}})
    assert run.returncode == 2 and "cube-8" in run.stderr


def test_fine_tuning_keeps_what_the_model_is(train, tiny, tmp_path):
    run = train({"epochs": 1, "model": {"from": str(pathlib.Path(tiny))}, "license": "CC0-1.0",
                 "data": {"train": "train.xyz"}, "precision": "float64",
                 "optimizer": {"learning_rate": 1e-12}})
    assert run.returncode == 0, run.stderr
    before = Evaluator(tiny, exactRadial=True).evaluate(*ETHANOL)
    after = Evaluator(str(tmp_path / "student.safetensors"), exactRadial=True).evaluate(*ETHANOL)
    assert after.interactionEnergy == pytest.approx(before.interactionEnergy, rel=1e-8)
    assert Model(str(tmp_path / "student.safetensors")).license == "CC0-1.0"


def test_a_gpu_is_used_or_named_as_absent(train):
    run = train({"epochs": 1, "device": "cuda"})
    assert run.returncode == 0 or (run.returncode == 2 and "device: cuda" in run.stderr)


@pytest.mark.parametrize("change, word", [
    ({"epochs": 0}, "epochs"),
    ({"data": {"train": "absent.xyz"}}, "absent.xyz"),
    ({"data": {"train": "train.xyz", "isolated_atoms": {"H": 1.0}}}, "isolated atoms"),
    ({"data": {"train": "train.xyz", "energy_key": "REF", "forces_key": "REF_F"}}, "REF"),
    ({"data": {"train": "train.xyz", "isolated_atoms": {"Xx": 1.0}}}, "Xx"),
])
def test_what_is_wrong_is_named(change, word, train):
    run = train(change)
    assert run.returncode == 2
    assert word in run.stderr
    assert run.stderr.count("\n") == 1


def test_resuming_needs_a_checkpoint_of_the_same_model(train):
    run = train({"epochs": 1}, "--resume")
    assert run.returncode == 2 and "checkpoint" in run.stderr
    assert train({"epochs": 1}).returncode == 0
    run = train({"epochs": 2, "model": {**SMALL, "num_channels": 5}}, "--resume")
    assert run.returncode == 2 and "checkpoint" in run.stderr
