# SPDX-License-Identifier: MIT
"""Active learning: train a committee, simulate, label what it is uncertain about, and again.

Each round has a folder and each step of it a file that is written at once, so that a run goes on
where it was interrupted: docs/labelling.md.
"""
import argparse
import importlib.resources
import json
import os
import pathlib
import shutil
import subprocess
import sys

import jsonschema
import numpy as np
from tqdm import tqdm

from .committee import Committee, explore
from .label import label_frames, read_frames, write_frames
from .program import InputError, replacing


def read_config(path):
    """The configuration of a file, with defaults, and with its paths made absolute.

    Raises InputError naming the key.
    """
    schema = json.loads((importlib.resources.files(__package__) / "learn.schema.json").read_text())
    try:
        config = json.loads(pathlib.Path(path).read_text())
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from None
    error = jsonschema.exceptions.best_match(jsonschema.Draft7Validator(schema).iter_errors(config))
    if error:
        raise InputError(": ".join(map(str, [path, *error.absolute_path, error.message])))
    _complete(config, schema)
    folder = pathlib.Path(path).resolve().parent
    for part, key in ((config, "output"), (config["md"], "start"), (config["train"]["data"], "train"),
                      (config["train"]["data"], "valid"), (config["train"]["data"], "isolated_atoms"),
                      (config["train"].get("model", {}), "from")):
        if isinstance(part.get(key), str):
            part[key] = str(folder / part[key])
    return config


def _complete(config, schema):
    """Fill in the defaults of a schema."""
    for key, part in schema["properties"].items():
        if "default" in part:
            config.setdefault(key, part["default"])
        if key in config and "properties" in part:
            _complete(config[key], part)
        elif key in config and part.get("type") == "integer":
            config[key] = int(config[key])  # 2.0 is an integer in JSON


def pick(frames, count, threshold, separation):
    """The most uncertain structures, the largest spread first.

    Parameters
    ----------
    frames : list of ase.Atoms
        Their info has `spread` (eV/Å), `run` and `time` (fs).
    count : int
        Pick no more.
    threshold : float
        Pick only above this spread, eV/Å.
    separation : float
        No two picks of a run are closer in time, fs.
    """
    picks = []
    for frame in sorted(frames, key=lambda frame: -frame.info["spread"]):
        if len(picks) == count or not frame.info["spread"] > threshold:
            break
        if all(frame.info["run"] != other.info["run"] or
               abs(frame.info["time"] - other.info["time"]) >= separation for other in picks):
            picks.append(frame)
    return picks


class Round:
    """One round: its files, and the steps that make those which are not there yet."""

    def __init__(self, config, number):
        self.config = config
        self.number = number
        self.is_last = number == config["rounds"]
        self.folder = pathlib.Path(config["output"]) / f"round-{number:02d}"
        self.train_file = self.folder / "train.xyz"
        self.trajectory_file = self.folder / "trajectory.xyz"
        self.picks_file = self.folder / "picks.xyz"
        self.report_file = self.folder / "report.json"
        self.members = [self.folder / f"member-{i + 1}" for i in range(config["committee"])]

    def run(self, sources):
        """Do what is left to do; returns the report.

        `sources` are the files that together are the training set.
        """
        if self.report_file.exists():
            report = json.loads(self.report_file.read_text())
            if self.is_last or report["picks"] or not report["uncertain"]:
                return report  # otherwise it was the last round once, and nothing was picked
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.trajectory_file.exists():
            texts = [pathlib.Path(source).read_text().rstrip() for source in sources]
            _write_text(self.train_file, "\n".join(texts) + "\n")
            self._train()
            self._explore()
        frames = read_frames(self.trajectory_file)
        spreads = [float(frame.info["spread"]) for frame in frames]
        picks = [] if self.is_last else pick(frames, **self.config["pick"])
        report = {
            "round": self.number,
            "train_frames": len(read_frames(self.train_file)),
            "valid_force_rmse": [self._metrics(member)["force_rmse"] for member in self.members],
            "md_frames": len(frames),
            "largest_spread": max(spreads),
            "median_spread": float(np.median(spreads)),
            "uncertain": sum(spread > self.config["pick"]["threshold"] for spread in spreads),
            "picks": len(picks),
        }
        if picks:
            report.update(self._label(picks))
        _write_text(self.report_file, json.dumps(report))
        return report

    def _train(self):
        program = shutil.which("equivariant", path=os.pathsep.join(
            [os.path.dirname(sys.executable), os.environ.get("PATH", "")]))
        if program is None:
            raise InputError("the program equivariant is not on PATH")
        for number, member in enumerate(self.members):
            print(f"round {self.number}: training {member.name}", flush=True)
            training = {**self.config["train"], "name": member.name,
                        "seed": self.config["seed"] + number}
            training["data"] = {**training["data"], "train": self.train_file.name}
            _write_text(f"{member}.json", json.dumps(training, indent=2))
            resume = ["--resume"] if os.path.exists(f"{member}.checkpoint") else []
            status = subprocess.run([program, "train", f"{member}.json", *resume]).returncode
            if status == 2:
                sys.exit(status)  # the trainer has said why
            if status != 0:
                raise InputError(f"{member}.json: training ended with status {status}")

    def _explore(self):
        print(f"round {self.number}: molecular dynamics", flush=True)
        committee = self._committee()
        frames = []
        md = self.config["md"]
        for run, start in enumerate(tqdm(read_frames(md["start"]), unit="run", disable=None), 1):
            random = np.random.default_rng([self.config["seed"], self.number, run])
            try:
                found = explore(start, committee, md, random)
            except InputError as error:
                raise InputError(f"{md['start']}: frame {run}: {error}") from None
            for frame in found:
                frame.info["run"] = run
            frames += found
        write_frames(self.trajectory_file, frames)

    def _label(self, picks):
        """Label and keep picks; returns what the report says of them."""
        print(f"round {self.number}: labelling {len(picks)} structures", flush=True)
        labelled = []
        for frame, result in zip(picks, label_frames(picks, **self.config["label"])):
            if isinstance(result, InputError):
                print(f"left out: {self.trajectory_file}: run {frame.info['run']} at "
                      f"{frame.info['time']} fs: {result}", file=sys.stderr)
            else:
                labelled.append(result)
        if not labelled:
            raise InputError(f"{self.trajectory_file}: no pick could be labelled")
        write_frames(self.picks_file, labelled)
        energies, forces = [], []
        committee = self._committee()
        for frame in labelled:
            committee.calculate(frame)
            energies.append((committee.results["energy"] - frame.get_potential_energy())
                            / len(frame))
            forces.append((committee.results["forces"] - frame.get_forces()).ravel())
        return {"labelled": len(labelled),
                "picks_energy_rmse_per_atom": 1000 * _rms(energies),
                "picks_force_rmse": 1000 * _rms(np.concatenate(forces))}

    def _committee(self):
        return Committee([f"{member}.safetensors" for member in self.members])

    @staticmethod
    def _metrics(member):
        """Of the epoch whose parameters were kept."""
        lines = map(json.loads, pathlib.Path(f"{member}.metrics.jsonl").read_text().splitlines())
        return [line for line in lines if line["best"]][-1]


def _rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def _write_text(path, text):
    with replacing(path) as unfinished:
        pathlib.Path(unfinished).write_text(text)


def _claim(config):
    """Make the folder, and refuse to go on in that of a run with another configuration."""
    folder = pathlib.Path(config["output"])
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "config.json"
    fixed = {key: value for key, value in config.items() if key not in ("rounds", "output")}
    if kept.exists() and json.loads(kept.read_text()) != fixed:
        raise InputError(f"{folder}: holds a run with another configuration (all but 'rounds' has "
                         "to be the same)")
    _write_text(kept, json.dumps(fixed, indent=2))


def main(argv=None):
    """The program; raises InputError."""
    parser = argparse.ArgumentParser(
        prog="equivariant learn",
        description="Trains a committee of models, runs molecular dynamics with it, labels what it "
        "is uncertain about, and begins again. Goes on where it was interrupted.")
    parser.add_argument("config", metavar="CONFIG.json", help="docs/labelling.md")
    config = read_config(parser.parse_args(argv).config)
    import tblite  # noqa: F401  if it is missing, that is said first

    read_frames(config["md"]["start"])  # what is wrong with it is said before training
    _claim(config)
    sources = [config["train"]["data"]["train"]]
    reports = []
    for number in range(1, config["rounds"] + 1):
        current = Round(config, number)
        report = current.run(sources)
        reports.append(report)
        _write_text(pathlib.Path(config["output"]) / "report.jsonl",
                    "".join(json.dumps(report) + "\n" for report in reports))
        print(json.dumps(report))
        if report["uncertain"] == 0:
            break
        sources.append(current.picks_file)
    print(f"{'no structure' if report['uncertain'] == 0 else report['uncertain']} above the "
          f"threshold after round {number}; models: {current.folder}/member-*.safetensors")
