# SPDX-License-Identifier: MIT
"""equivariant learn: picks, the committee, and a run of two rounds from end to end."""
import copy
import json
import shutil
import subprocess

import numpy as np
import pytest
from conftest import ETHANOL, WATER, assert_close, import_tblite
from test_train import SMALL

ase = pytest.importorskip("ase")
import_tblite()
pytest.importorskip("jsonschema")
import ase.io  # noqa: E402

from openmmequivariant import Evaluator  # noqa: E402
from openmmequivariant.committee import Committee, explore  # noqa: E402
from openmmequivariant.label import isolated_atoms, label  # noqa: E402
from openmmequivariant.learn import pick, read_config  # noqa: E402
from openmmequivariant.program import InputError  # noqa: E402

MD = {"temperature": 300.0, "timestep": 0.5, "steps": 20, "interval": 5, "stop_spread": 100.0}
CONFIG = {
    "train": {"data": {"train": "train.xyz", "isolated_atoms": "isolated.xyz"}, "model": SMALL,
              "threads": 1, "epochs": 2},
    "committee": 2,
    "rounds": 2,
    "md": {"start": "start.xyz", **MD},
    "pick": {"threshold": 0.0, "count": 3, "separation": 5.0},
}


def frame(run, time, spread):
    return ase.Atoms("H", info={"run": run, "time": time, "spread": spread})


def test_picks_are_uncertain_and_apart():
    frames = [frame(1, 0, 0.1), frame(1, 10, 0.9), frame(1, 20, 0.8), frame(1, 30, 0.7),
              frame(2, 10, 0.6), frame(2, 40, 0.5), frame(2, 50, 0.3)]

    def places(*arguments):
        return [(f.info["run"], f.info["time"]) for f in pick(frames, *arguments)]
    assert places(9, 0.2, 20) == [(1, 10), (1, 30), (2, 10), (2, 40)]
    assert places(3, 0.2, 20) == [(1, 10), (1, 30), (2, 10)]
    assert places(9, 0.65, 0) == [(1, 10), (1, 20), (1, 30)]
    assert places(9, 0.9, 0) == []


@pytest.fixture
def models(tiny, model_path):
    return [tiny, model_path("b_l3c3_L1")]


def test_committee_is_the_mean_of_its_models(models):
    results = [Evaluator(model).evaluate(*ETHANOL) for model in models]
    atoms = ase.Atoms(numbers=ETHANOL[0], positions=ETHANOL[1], calculator=Committee(models))
    assert_close(atoms.get_potential_energy(), (results[0].energy + results[1].energy) / 2)
    assert_close(atoms.get_forces(), (results[0].forces + results[1].forces) / 2)
    # Of two values the standard deviation is half the difference.
    half = np.linalg.norm(results[0].forces - results[1].forces, axis=1) / 2
    assert_close(atoms.calc.results["spread"], half.max())


def test_dynamics_reports_the_spread_of_each_structure(models):
    """With a small step and no end, since the forces of random models are very large."""
    def run(**change):
        md = {**MD, "timestep": 0.005, "stop_spread": 1e6, **change}
        return explore(start, Committee(models), md, np.random.default_rng(1))
    start = ase.Atoms(numbers=ETHANOL[0], positions=ETHANOL[1], info={"charge": 0})
    frames = run()
    assert_close([frame.info["time"] for frame in frames], [0, 0.025, 0.05, 0.075, 0.1])
    assert np.array_equal(frames[0].positions, start.positions)
    assert np.array_equal(run()[-1].positions, frames[-1].positions)
    committee = Committee(models)
    for frame in frames:
        committee.calculate(frame)
        assert_close(frame.info["spread"], committee.results["spread"])
        assert frame.info["charge"] == 0 and not frame.has("momenta")
    spreads = [frame.info["spread"] for frame in frames]
    assert len(run(stop_spread=max(spreads) * 0.999)) < len(frames)
    exploded = run(timestep=0.5, interval=1, stop_spread=1000)
    assert len(exploded) == 1


def test_a_start_of_other_elements_is_refused(models):
    with pytest.raises(InputError, match="atomic number 54"):
        explore(ase.Atoms("Xe"), Committee(models), MD, np.random.default_rng(1))


@pytest.fixture
def folder(tmp_path):
    """With training data, starts and a configuration."""
    frames = []
    for i, (numbers, positions) in enumerate([WATER, ETHANOL] * 5):
        atoms = ase.Atoms(numbers=numbers, positions=positions)
        atoms.rattle(0.05, seed=i)
        frames.append(label(atoms))
    ase.io.write(tmp_path / "train.xyz", frames)
    ase.io.write(tmp_path / "isolated.xyz", isolated_atoms([1, 6, 8]))
    ase.io.write(tmp_path / "start.xyz", [frame.copy() for frame in frames[:2]])
    write(tmp_path)
    return tmp_path


def write(folder, **change):
    (folder / "config.json").write_text(json.dumps({**copy.deepcopy(CONFIG), **change}))


def report(folder):
    return [json.loads(line)
            for line in (folder / "learn/report.jsonl").read_text().splitlines()]


def test_two_rounds_and_going_on(folder, program):
    def learn():
        return subprocess.run([program, "learn", "config.json"], cwd=folder, capture_output=True,
                              text=True, timeout=600)
    result = learn()
    assert result.returncode == 0, result.stderr
    first, second = report(folder)
    assert (first["train_frames"], first["picks"], first["labelled"]) == (10, 3, 3)
    assert (second["train_frames"], second["picks"]) == (13, 0)
    for row in first, second:
        assert row["md_frames"] == row["uncertain"] == 10
        assert row["largest_spread"] >= row["median_spread"] > 0
        assert len(row["valid_force_rmse"]) == 2

    trajectory = ase.io.read(folder / "learn/round-01/trajectory.xyz", ":")
    picks = ase.io.read(folder / "learn/round-01/picks.xyz", ":")
    assert picks[0].info["spread"] == first["largest_spread"] == max(
        frame.info["spread"] for frame in trajectory)
    committee = Committee(sorted((folder / "learn/round-01").glob("*.safetensors")))
    errors = []
    for frame in picks:
        assert_close(frame.get_forces(), label(frame).get_forces(), 1e-6)
        committee.calculate(frame)
        errors.append((committee.results["forces"] - frame.get_forces()).ravel())
    assert first["picks_force_rmse"] == pytest.approx(
        1000 * np.sqrt(np.mean(np.concatenate(errors)**2)), rel=1e-6)
    text = (folder / "learn/round-02/train.xyz").read_text()
    assert text == ((folder / "train.xyz").read_text()
                    + (folder / "learn/round-01/picks.xyz").read_text())

    # An interruption in the second member of the second round, and one before its dynamics.
    for lost in ("report.json", "trajectory.xyz", "member-2.safetensors", "member-2.checkpoint"):
        (folder / "learn/round-02" / lost).unlink()
    assert learn().returncode == 0
    assert report(folder) == [first, second]

    # More rounds: the last one picks now, and training goes on with that.
    write(folder, rounds=3)
    assert learn().returncode == 0
    rows = report(folder)
    assert rows[0] == first and rows[1]["picks"] == 3 and rows[2]["train_frames"] == 16

    write(folder, pick={"count": 5})
    result = learn()
    assert result.returncode == 2 and "another configuration" in result.stderr

    write(folder, md={"start": "absent.xyz"})
    result = learn()
    assert result.returncode == 2 and "absent.xyz: No such file" in result.stderr

    write(folder, rounds=1, train={**CONFIG["train"], "epochs": 0})
    shutil.rmtree(folder / "learn")
    result = learn()
    assert result.returncode == 2
    assert "epochs" in result.stderr and result.stderr.count("\n") == 1


def test_it_ends_where_nothing_is_uncertain(folder, program):
    write(folder, pick={"threshold": 1e6})
    result = subprocess.run([program, "learn", "config.json"], cwd=folder, capture_output=True,
                            text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    row, = report(folder)
    assert row["uncertain"] == row["picks"] == 0


def test_defaults_and_paths(tmp_path):
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub/config.json"
    path.write_text(json.dumps({"train": {"data": {"train": "../a.xyz"}}, "rounds": 2.0,
                                "md": {"start": "b.xyz"}}))
    config = read_config(str(path))
    assert config["pick"] == {"threshold": 0.1, "count": 20, "separation": 50}
    assert config["label"] == {"method": "gfn2", "charge": 0}
    assert config["rounds"] == 2 and isinstance(config["rounds"], int)
    assert config["md"]["start"] == str(tmp_path / "sub/b.xyz")
    assert config["output"] == str(tmp_path / "sub/learn")


@pytest.mark.parametrize("change, message", [
    ({"rounds": 0}, "rounds: 0"),
    ({"rounds": "two"}, "rounds: 'two'"),
    ({"runds": 2}, "runds"),
    ({"md": {}}, "md: 'start'"),
    ({"md": {"start": "a.xyz", "timestep": -1}}, "md: timestep"),
    ({"train": {"data": {}}}, "train: data: 'train'"),
    ({"train": {"data": {"train": "a.xyz"}, "seed": 4}}, "train: 'seed'"),
    ({"train": {"data": {"train": "a.xyz", "energy_key": "E"}}}, "train: data: energy_key"),
    ({"label": {"method": "dft"}}, "label: method"),
    ({"committee": 1}, "committee"),
])
def test_what_is_wrong_with_a_configuration_is_named(change, message, tmp_path):
    write(tmp_path, **change)
    with pytest.raises(InputError) as error:
        read_config(str(tmp_path / "config.json"))
    assert message in str(error.value) and "config.json" in str(error.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"])
def test_a_configuration_that_is_no_json(content, tmp_path):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(InputError, match="not JSON"):
        read_config(str(tmp_path / "config.json"))
