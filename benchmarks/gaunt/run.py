# SPDX-License-Identifier: MIT
"""Gaunt products beside other programs, one thread each: times and memory against the highest
degree L.

    run.py --program build/benchmarks/gaunt/gaunt_benchmark [--peer-python PYTHON] [--quick]
           [--rounds N] [--peer-batch N] [--json RESULTS.json] [--plots FOLDER]

Ours (CMake option EQUIVARIANT_BUILD_BENCHMARKS) and peers.py run in turns; the ratio of a round is
taken within it, and the table has the median of the rounds. Times are processor time, the least of
a round (of five repetitions of ours, of single calls of the others), for 1,000 functions.
"""
import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
OPERATIONS = ("interaction", "interaction-2L", "convolution", "many-body")


def parse(entry):
    operation, evaluator, precision, run, L = entry["name"].split("/")
    return ((operation, evaluator, precision, run, int(L)),
            {"us": 1e3 * entry["cpu_time"] / entry["products"],
             "bytes": entry["bytes"] / entry["products"] if "bytes" in entry else None})


def run_ours(arguments):
    degrees = "[12]" if arguments.quick else "[1-8]"
    output = subprocess.run(
        [arguments.program, f"--benchmark_filter=/{degrees}$", "--benchmark_format=json",
         "--benchmark_repetitions=5", "--benchmark_min_time=0.01"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    best = {}
    for entry in json.loads(output)["benchmarks"]:
        if entry["run_type"] == "iteration":
            key, value = parse(entry)
            best[key] = min(best.get(key, value), value, key=lambda v: v["us"])
    return best


def run_peers(arguments):
    command = [arguments.peer_python, str(HERE / "peers.py"), "--seconds",
               "0.05" if arguments.quick else "0.3", "--batch", str(arguments.peer_batch)]
    result = subprocess.run(command + (["--quick"] if arguments.quick else []),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in result.stderr.splitlines():
        if line.startswith("left out"):
            print(line)
    if result.returncode != 0:
        sys.exit(f"peers.py failed: {result.stderr.strip().splitlines()[-1]}")
    start = result.stdout.index("[{")
    return dict(parse(entry) for entry in json.loads(result.stdout[start:]))


def best_of_ours(round_, operation, precision, run, L):
    """Name and value of our fastest evaluator."""
    ours = {key[1]: value for key, value in round_.items()
            if key[0] == operation and key[2:] == (precision, run, L)
            and key[1] in ("sparse", "grid", "matrices")}
    return min(ours.items(), key=lambda item: item[1]["us"])


def median_of(rounds, key, quantity="us"):
    return statistics.median(round_[key][quantity] for round_ in rounds)


def exponent(points):
    """Of a power law through (L, time)."""
    xs, ys = [math.log(L) for L, _ in points], [math.log(time) for _, time in points]
    x, y = statistics.mean(xs), statistics.mean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def curves(rounds, run, quantity):
    """{operation: {evaluator precision: [(L, value)]}}"""
    result = {operation: {} for operation in OPERATIONS}
    for key in sorted(rounds[0], key=lambda key: key[4]):
        if key[3] == run and rounds[0][key][quantity] is not None:
            result[key[0]].setdefault(f"{key[1]} {key[2]}", []).append(
                (key[4], median_of(rounds, key, quantity)))
    return result


def print_tables(rounds):
    peers = {key for key in rounds[0] if key[1] in ("e3nn", "escn", "mace")}
    for run in ("forward", "both") if peers else ():
        print(f"\n{'forward' if run == 'forward' else 'forward and reverse'}, float, "
              "µs for 1,000 functions\n")
        print("| operation | L | ours | by | other | its time | ratio |")
        print("|---" * 7 + "|")
        for operation, peer, _, _, L in sorted((key for key in peers if key[3] == run),
                                               key=lambda key: (OPERATIONS.index(key[0]), key[1],
                                                                key[4])):
            pairs = [(best_of_ours(r, operation, "float", run, L),
                      r[operation, peer, "float", run, L]) for r in rounds]
            ours = statistics.median(best["us"] for (_, best), _ in pairs)
            ratio = statistics.median(other["us"] / best["us"] for (_, best), other in pairs)
            other = statistics.median(other["us"] for _, other in pairs)
            print(f"| {operation} | {L} | {ours:.1f} | {pairs[0][0][0]} | {peer} | {other:.0f} | "
                  f"{ratio:.0f} |")
    print("\nTime by evaluator, µs for 1,000 functions, and exponent p of time ~ L^p for L >= 3\n")
    degrees = sorted({key[4] for key in rounds[0]})
    for run in ("forward", "both"):
        print(f"\n| {run} | " + " | ".join(f"L={L}" for L in degrees) + " | p |")
        print("|---" * (len(degrees) + 2) + "|")
        for operation, lines in curves(rounds, run, "us").items():
            for name, points in sorted(lines.items()):
                values = dict(points)
                cells = [f"{values[L]:.1f}" if L in values else "" for L in degrees]
                high = [point for point in points if point[0] >= 3]
                power = f"{exponent(high):.1f}" if len(high) > 2 else ""
                print(f"| {operation} {name} | " + " | ".join(cells) + f" | {power} |")


def plot(rounds, folder):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    folder.mkdir(parents=True, exist_ok=True)
    for quantity, label in (("us", "µs for 1,000 functions"), ("bytes", "bytes for a function")):
        figure, panels = plt.subplots(1, len(OPERATIONS), figsize=(18, 4.5), sharey=True)
        for panel, (operation, lines) in zip(panels, curves(rounds, "both", quantity).items()):
            for name, points in sorted(lines.items()):
                style = ":" if "double" in name else "-"
                if re.match("e3nn|escn|mace", name):
                    style = "--"
                panel.loglog(*zip(*points), style, marker="o", markersize=3, label=name)
            panel.set_title(operation)
            panel.set_xlabel("L")
            panel.set_xticks(range(1, 9), range(1, 9))
            panel.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
            panel.grid(alpha=0.3)
            panel.legend(fontsize=7)
        panels[0].set_ylabel(label)
        figure.suptitle("forward and reverse, one thread")
        figure.tight_layout()
        figure.savefig(folder / f"gaunt-{'time' if quantity == 'us' else 'memory'}.png", dpi=100)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="gaunt_benchmark")
    parser.add_argument("--peer-python", help="an interpreter that has e3nn and mace-torch")
    parser.add_argument("--peer-batch", type=int, default=16,
                        help="atoms or edges of the others, with 64 channels each; ours has 16")
    parser.add_argument("--quick", action="store_true", help="L = 1 and 2, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plots", type=pathlib.Path, help="needs matplotlib")
    arguments = parser.parse_args()
    rounds = []
    for _ in range(1 if arguments.quick else arguments.rounds):
        round_ = run_ours(arguments)
        if arguments.peer_python:
            round_.update(run_peers(arguments))
        rounds.append(round_)
    if arguments.json:
        arguments.json.write_text(json.dumps(
            [{"/".join(map(str, key)): value for key, value in r.items()} for r in rounds]))
    print_tables(rounds)
    if arguments.plots:
        plot(rounds, arguments.plots)


if __name__ == "__main__":
    main()
