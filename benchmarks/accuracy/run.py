# SPDX-License-Identifier: MIT
"""Accuracy of trained models beside published ones and beside mace-torch:

    run.py SET.json --data FOLDER --output FOLDER [--models NAME ...] [--peer-python PYTHON] [--quick]

SET.json (3bpa.json, acac.json; ponita.json: forms of PONITA) says which files, which models and what
is published. A tenth of the training file is held out: the best model of a run is chosen by it. Runs
that were interrupted go on where they were; finished ones are only evaluated. mace-torch trains a
model of the same sizes on the same structures for as long as the run beside it took.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SEED = 1
QUICK = {"epochs": 1, "stage_two": {"start_epoch": 1}, "schedule": {"warmup_epochs": 0},
         "model": {"num_channels": 8}}


def read_frames(path):
    """The text of each frame of an extended XYZ file."""
    lines = path.read_text().splitlines(keepends=True)
    frames, start = [], 0
    while start < len(lines) and lines[start].strip():
        end = start + 2 + int(lines[start])
        frames.append("".join(lines[start:end]))
        start = end
    return frames


def hold_out(path, fraction, folder, limit):
    """Writes train.xyz and valid.xyz, the latter a part at random."""
    frames = read_frames(path)
    random.Random(SEED).shuffle(frames)
    frames = frames[:limit]
    count = max(1, round(fraction * len(frames)))
    (folder / "valid.xyz").write_text("".join(frames[:count]))
    (folder / "train.xyz").write_text("".join(frames[count:]))


def merge(config, changes):
    """JSON merge patch (RFC 7396) without deletions."""
    merged = dict(config)
    for key, value in changes.items():
        merged[key] = merge(merged.get(key, {}), value) if isinstance(value, dict) else value
    return merged


def train(name, config, arguments):
    """Runs a training to its end. Seconds of training, over all sittings."""
    config = merge(config, {"name": name, "output": ".", "seed": SEED,
                            "threads": arguments.threads,
                            "data": {"train": "train.xyz", "valid": "valid.xyz",
                                     "isolated_atoms": "isolated_atoms.xyz"}})
    path = arguments.output / f"{name}.json"
    path.write_text(json.dumps(config, indent=2))
    resume = ["--resume"] if (arguments.output / f"{name}.checkpoint").exists() else []
    subprocess.run([arguments.program, "train", str(path), *resume], check=True, stdout=sys.stderr)
    lines = (arguments.output / f"{name}.metrics.jsonl").read_text().splitlines()
    return sum(json.loads(line)["seconds"] for line in lines)


def validate(model, data, arguments):
    return json.loads(subprocess.run(
        [arguments.program, "validate", str(model), str(data), "--json"],
        check=True, capture_output=True, text=True).stdout)


def run_peer(seconds, tests, arguments):
    """Errors of mace-torch by test."""
    output = subprocess.run(
        [arguments.peer_python, str(HERE / "peer.py"), str(arguments.output), str(seconds),
         "--threads", str(arguments.threads), "--channels", "8" if arguments.quick else "64",
         "--tests", *map(str, tests.values())],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(zip(tests, json.loads(output.splitlines()[-1]), strict=True))


def print_table(title, rows):
    print(f"\n{title:36} {'energy':>10} {'force':>10}   (RMSE, meV and meV/Å)")
    for name, errors in rows.items():
        cells = [f"{errors[key]:10.2f}" if key in errors else f"{'-':>10}"
                 for key in ("energy_rmse", "force_rmse")]
        print(f"{name:36} {' '.join(cells)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=pathlib.Path, metavar="SET.json")
    parser.add_argument("--data", type=pathlib.Path, required=True,
                        help="folder with the files that the set names")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--program", default="equivariant")
    parser.add_argument("--models", nargs="+", help="default: all of the set")
    parser.add_argument("--peer-python", help="Python with mace-torch; without it, ours alone")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true",
                        help="tiny models, one epoch, a few structures: to see that all works")
    arguments = parser.parse_args()
    description = json.loads(arguments.set.read_text())
    if not (arguments.data / description["train"]).exists():
        sys.exit(f"skipped: there is no {arguments.data / description['train']}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    hold_out(arguments.data / description["train"], description["held_out"], arguments.output,
             30 if arguments.quick else None)
    (arguments.output / "isolated_atoms.xyz").write_text(
        (arguments.data / description["isolated_atoms"]).read_text())
    tests = {"held out": arguments.output / "valid.xyz",
             **{name: arguments.data / file for name, file in description["tests"].items()}}

    seconds, results = {}, {name: {} for name in tests}
    for name in arguments.models or description["models"]:
        config = merge(description.get("common", {}), description["models"][name])
        seconds[name] = train(name, merge(config, QUICK) if arguments.quick else config, arguments)
        for test, file in tests.items():
            results[test][f"{name}, {seconds[name] / 60:.0f} min"] = validate(
                arguments.output / f"{name}.safetensors", file, arguments)
    peer = description["peer"]
    if arguments.peer_python and peer in seconds:
        for test, errors in run_peer(seconds[peer], tests, arguments).items():
            results[test][f"mace-torch, {seconds[peer] / 60:.0f} min"] = errors
    for test, rows in results.items():
        print_table(test, rows)
    if description["published"]["rows"]:
        print_table("published", description["published"]["rows"])
        print(description["published"]["source"])


if __name__ == "__main__":
    sys.exit(main())
