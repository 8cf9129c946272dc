# SPDX-License-Identifier: MIT
"""Steps of training a second, beside mace-torch on the same structures, sizes, batch and threads:

    training.py --data TRAIN.xyz --program EQUIVARIANT [--peer-python PYTHON] [--quick]

Both run in turns; the table has medians over rounds and the ratio with its lowest and highest value.
A step is: energies and forces of a batch, loss, gradient of the loss, update. Neighbor lists are made
before and do not count; ours also counts putting batches together and one validation at the end.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run_ours(arguments):
    """Steps a second of `equivariant train`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines = arguments.data.read_text().splitlines(keepends=True)
        size = int(lines[0]) + 2
        count = arguments.steps * arguments.batch
        (folder / "train.xyz").write_text("".join(lines[:size * count]))
        (folder / "valid.xyz").write_text("".join(lines[:size]))
        config = {"name": "benchmark", "epochs": 1, "batch_size": arguments.batch,
                  "threads": arguments.threads, "precision": arguments.precision,
                  "data": {"train": "train.xyz", "valid": "valid.xyz"},
                  "model": {"num_channels": arguments.channels, "max_L": arguments.max_L}}
        (folder / "config.json").write_text(json.dumps(config))
        output = subprocess.run([arguments.program, "train", str(folder / "config.json")],
                                check=True, capture_output=True, text=True).stdout
    return float(re.search(r"([\d.e+-]+) steps/s", output).group(1))


def run_peer(arguments):
    """Steps a second of mace-torch."""
    output = subprocess.run(
        [arguments.peer_python, str(HERE / "training_peer.py"), str(arguments.data),
         "--steps", str(arguments.steps), "--batch", str(arguments.batch), "--channels",
         str(arguments.channels), "--max-L", str(arguments.max_L), "--threads",
         str(arguments.threads), "--precision", arguments.precision],
        check=True, capture_output=True, text=True).stdout
    return float(output.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True,
                        help="extended XYZ whose structures have the same number of atoms")
    parser.add_argument("--program", default="equivariant")
    parser.add_argument("--peer-python", help="Python with mace-torch; without it, ours alone")
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--max-L", type=int, default=1)
    parser.add_argument("--batch", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round of two steps")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.steps, arguments.rounds = 2, 1
    ours, peer, ratios = [], [], []
    for _ in range(arguments.rounds):
        ours.append(run_ours(arguments))
        if arguments.peer_python:
            peer.append(run_peer(arguments))
            ratios.append(ours[-1] / peer[-1])
    print(f"{arguments.channels} channels, max_L {arguments.max_L}, batch {arguments.batch}, "
          f"{arguments.threads} threads, {arguments.precision}")
    print(f"ours: {statistics.median(ours):.3g} steps/s")
    if ratios:
        print(f"mace-torch: {statistics.median(peer):.3g} steps/s; ratio "
              f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]")


if __name__ == "__main__":
    sys.exit(main())
