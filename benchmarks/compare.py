# SPDX-License-Identifier: MIT
"""This project beside other programs on the same models, structures, precision and threads.

For MACE that is mace-torch (and symmetrix where it is installed), for PONITA its form in PyTorch.
Before anything is timed, energies and forces have to agree. Then ours and the others take turns;
the ratio is theirs over ours in the same round. docs/benchmarks.md says more.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import ase.io
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = pathlib.Path(os.environ.get("EQUIVARIANT_SHARED_DIR", ROOT.parent / "shared"))
SHIPPED = "3bpa-mace"
sys.path.insert(0, str(HERE))
import models  # noqa: E402
import structures  # noqa: E402

PEERS = {"mace": ("mace-torch", "symmetrix"), "ponita": ("ponita-torch",), "gaunt-mace": ()}
PACKAGES = {"mace-torch": "mace", "symmetrix": "symmetrix", "ponita-torch": "torch"}
# Largest difference: of energies by the larger of 1 eV and the energy, of forces by their RMS.
TOLERANCES = {"double": (1e-6, 1e-5), "single": (1e-3, 1e-3)}


class Ours:
    """The command `equivariant bench`, a new process for each round."""

    def __init__(self, program, model, frame, precision, threads):
        self.command = [program, "bench", model, frame, "--json", "--precision", precision,
                        "--threads", str(threads)]
        self.name = "ours"

    def run(self, calls):
        """Median (ms) of some calls, and what else the program says."""
        result = json.loads(run([*self.command, "--steps", str(calls)]))
        return result["median_ms"], result

    def close(self):
        pass


class Peer:
    """Another program (peer.py), a process that waits while others run."""

    def __init__(self, python, name, model, frame, precision, threads):
        self.name = name
        source = model if name == "ponita-torch" else str(pathlib.Path(model).with_suffix(".model"))
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [python, str(HERE / "peer.py"), name, source, frame, "--precision", precision,
             "--threads", str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.first = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"{self.name} failed:\n{self.errors.read()[-2000:]}")
        return json.loads(line)

    def run(self, calls):
        print(calls, file=self.process.stdin, flush=True)
        result = self.read()
        result["model_mb"] = self.first["model_mb"]
        return statistics.median(result["times"]), result

    def close(self):
        self.process.communicate()


def run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}:\n{result.stderr[-2000:]}")
    return result.stdout


def has_package(python, package):
    test = f"import importlib.util as u, sys; sys.exit(u.find_spec('{package}') is None)"
    return subprocess.run([python, "-c", test]).returncode == 0


def find_model(name, arguments):
    """Path of a model by name or path; None if it cannot be made here."""
    path = arguments.folder / "models" / f"{name}.safetensors"
    if name == SHIPPED:
        link(ROOT / f"data/models/{name}.safetensors", path)
        link(SHARED / f"models/{name}.model", path.with_suffix(".model"))
        return str(path)
    if name not in models.NAMES:
        return name
    if not path.exists():
        if name in models.MACE and "mace-torch" not in arguments.peers:
            return None
        run([arguments.peer_python, str(HERE / "models.py"), str(path.parent), name])
    return str(path)


def link(source, path):
    if source.exists() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(source)


def find_structure(name, arguments):
    if name not in structures.NAMES:
        return name
    return str(structures.write(name, arguments.folder / "structures"))


def check(peer, ours, precision):
    """Relative error of the peer's forces; raises an error where it computes something else."""
    forces, expected = np.array(peer.first["forces"]), np.array(ours["forces"])
    error = np.sqrt(np.mean((forces - expected) ** 2) / np.mean(expected ** 2))
    energy = peer.first["energy"]
    difference = 0 if energy is None else abs(energy - ours["interaction_energy"])
    difference /= max(1, abs(ours["interaction_energy"]))
    # The radial functions of symmetrix are splines of moderate accuracy.
    limits = TOLERANCES["single" if peer.name == "symmetrix" else precision]
    if not (difference <= limits[0] and error <= limits[1]):
        raise RuntimeError(f"{peer.name} differs from ours: energy {difference:.1e}, forces "
                           f"{error:.1e}, allowed {limits[0]:.0e} and {limits[1]:.0e}")
    return float(error)


def take_turns(programs, arguments):
    """Medians (ms) of each program in each round, and what each said last."""
    calls = {}
    for program in programs:
        first, _ = program.run(1)
        calls[program.name] = min(1000, max(1, int(arguments.seconds * 1000 / first)))
    times = {program.name: [] for program in programs}
    last = {}
    for _ in range(arguments.rounds):
        for program in programs:
            median, last[program.name] = program.run(calls[program.name])
            times[program.name].append(median)
    return times, last


def choose_peers(architecture, model, frame, precision, threads, arguments):
    if len(ase.io.read(frame)) > arguments.peer_atoms:
        return []
    names = [name for name in PEERS[architecture] if name in arguments.peers]
    if (precision, threads) != ("double", 1):  # symmetrix without Kokkos knows nothing else
        names = [name for name in names if name != "symmetrix"]
    if architecture == "mace" and not pathlib.Path(model).with_suffix(".model").exists():
        return []
    return names


def compare(model, frame, precision, threads, arguments):
    """One row of the table for each program but ours, or one for ours alone."""
    info = json.loads(run([arguments.program, "info", model, "--json"]))
    programs = [Ours(arguments.program, model, frame, precision, threads)]
    errors = {}
    try:
        names = choose_peers(info["architecture"], model, frame, precision, threads, arguments)
        if names:
            expected, = json.loads(run([arguments.program, "eval", model, frame, "--json"]))
        for name in names:
            programs.append(Peer(arguments.peer_python, name, model, frame, precision, threads))
            errors[name] = check(programs[-1], expected, precision)
        times, last = take_turns(programs, arguments)
    finally:
        for program in programs:
            program.close()
    row = {"model": pathlib.Path(model).stem, "structure": pathlib.Path(frame).stem,
           "precision": precision, "threads": threads, "atoms": last["ours"]["atoms"],
           "edges": last["ours"]["edges"], "ours": summarize(times["ours"], last["ours"])}
    row["ours"]["bench"] = last["ours"]
    peers = [{**row, "peer": name, "theirs": summarize(times[name], last[name]),
              "force_error": errors[name],
              "ratios": [b / a for a, b in zip(times["ours"], times[name])]} for name in errors]
    return peers or [{**row, "peer": None}]


def summarize(times, last):
    return {"rounds_ms": times, "median_ms": statistics.median(times),
            "peak_mb": last["peak_mb"], "model_mb": last["model_mb"]}


HEADER = ("model", "structure", "precision", "threads", "ours ms", "peak MB", "step MB", "peer",
          "peer ms", "peak MB", "step MB", "ratio", "lowest", "highest")


def format_row(row):
    def numbers(result):
        return (f"{result['median_ms']:.4g}", f"{result['peak_mb']:.0f}",
                f"{result['peak_mb'] - result['model_mb']:.0f}")
    cells = [row["model"], row["structure"], row["precision"], str(row["threads"]),
             *numbers(row["ours"])]
    if row["peer"]:
        ratios = row["ratios"]
        cells += [row["peer"], *numbers(row["theirs"]),
                  *(f"{x:.1f}" for x in (statistics.median(ratios), min(ratios), max(ratios)))]
    return "| " + " | ".join(cells + [""] * (len(HEADER) - len(cells))) + " |"


def machine():
    with open("/proc/cpuinfo") as file:
        names = {line.split(":")[1].strip() for line in file if line.startswith("model name")}
    return {"processor": ", ".join(sorted(names)), "python": platform.python_version()}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, default="build/benchmarks",
                        help="where models and structures are made (%(default)s)")
    parser.add_argument("--models", nargs="+", default=[*models.NAMES, SHIPPED],
                        help=f"of {', '.join([*models.NAMES, SHIPPED])}, or FILE.safetensors "
                        "(FILE.model beside it is the same model for mace-torch)")
    parser.add_argument("--structures", nargs="+", default=structures.NAMES,
                        help=f"of {', '.join(structures.NAMES)}, or FILE.xyz")
    parser.add_argument("--precisions", nargs="+", choices=TOLERANCES, default=list(TOLERANCES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0,
                        help="of a program in a round, but at least one call")
    parser.add_argument("--peer-atoms", type=int, default=648,
                        help="above this, ours alone (%(default)s)")
    parser.add_argument("--peer-python", default=sys.executable,
                        help="Python with mace-torch and the like (default: this one)")
    parser.add_argument("--peers", nargs="*", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--program", default=shutil.which(
        "equivariant", path=pathlib.Path(sys.executable).parent) or shutil.which("equivariant"))
    parser.add_argument("--quick", action="store_true",
                        help="alanine dipeptide in double precision, two short rounds")
    parser.add_argument("--json", help="file for all numbers")
    arguments = parser.parse_args()
    if not arguments.program:
        parser.error("the program equivariant is not installed (--program)")
    if arguments.quick:
        arguments.structures, arguments.precisions = ["alanine-dipeptide"], ["double"]
        arguments.rounds, arguments.seconds = 2, 0.1
    return arguments


def main():
    arguments = parse_arguments()
    for name in list(arguments.peers):
        if not has_package(arguments.peer_python, PACKAGES[name]):
            print(f"{name} is not installed: left out", file=sys.stderr)
            arguments.peers.remove(name)
    rows = []
    print("| " + " | ".join(HEADER) + " |\n|" + "---|" * len(HEADER))
    for name in arguments.models:
        model = find_model(name, arguments)
        if model is None:
            print(f"{name} needs mace-torch to be made: left out", file=sys.stderr)
            continue
        for structure in arguments.structures:
            frame = find_structure(structure, arguments)
            for precision in arguments.precisions:
                for threads in arguments.threads:
                    for row in compare(model, frame, precision, threads, arguments):
                        rows.append(row)
                        print(format_row(row), flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"machine": machine(), "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
