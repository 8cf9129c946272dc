#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Estimates what the kernels of docs/gpu.md cost: operations, bytes and launches per step.

A count, not a measurement: single-precision operations and bytes of one evaluation with forces, per
atom, and the times that the peak rates of a device would allow. Bytes "from cache" are matrices and
tables, which all work-groups read again; the others are features and edges.
"""
import argparse
import json
import math
import pathlib
import re
import struct

REAL, LAUNCH = 4, 2.5e-6  # bytes; seconds from one kernel to the next
DEVICES = {"H100": {"flops": 67e12, "memory": 3.35e12, "cache": 5.5e12},
           "H200": {"flops": 67e12, "memory": 4.8e12, "cache": 5.5e12}}


def read_header(path):
    """Config and architecture of a model file."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    metadata = header["__metadata__"]
    shapes = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    return metadata["architecture"], json.loads(metadata["config"]), shapes


def mace_cost(config, neighbors):
    """(operations, bytes, bytes from cache, launches) of an atom's forward and reverse pass."""
    channels, ell = config["num_channels"], config["max_ell"]
    operations = plain = cached = 0
    degree_in = 0
    for layer in config["layers"]:
        degree_out = max(int(x) for x in re.findall(r"x(\d+)[eo]", layer["hidden_irreps"]))
        paths = [(l1, l3) for l1 in range(degree_in + 1) for l2 in range(ell + 1)
                 for l3 in range(abs(l1 - l2), min(l1 + l2, ell) + 1) if (l1 + l2 + l3) % 2 == 0]
        couplings = sum((2 * a + 1) * (2 * b + 1) if a else 1 for a, b in paths)
        rows = sum(2 * b + 1 for _, b in paths)
        inputs, outputs = (degree_in + 1) ** 2, (degree_out + 1) ** 2
        per_edge = 2 * (12 * len(paths) + couplings + rows)  # splines, forward
        per_edge += 2 * (24 * len(paths) + 3 * couplings + 4 * inputs)  # and reverse
        operations += neighbors * channels * per_edge
        cached += neighbors * channels * 2 * 6 * len(paths) * REAL
        plain += neighbors * (channels * (inputs + rows) * REAL + 64)
        # Dense maps: messages, product, next layer and self-connection, forward and reverse.
        dense = rows + 3 * outputs
        maps = len(paths) + 3 * (degree_out + 1)
        operations += 2 * channels * channels * 2 * dense
        cached += 2 * maps * channels * channels * REAL
        plain += channels * REAL * (4 * rows + 4 * (ell + 1) ** 2 + 8 * outputs)
        degree_in = degree_out
    launches = 3 + 4 * len(config["layers"]) + ("zbl" in config)
    return operations, plain, cached, launches


def ponita_cost(config, shapes, neighbors):
    """The same of PONITA, whose rows are directions of an atom, or edges of a point cloud."""
    cloud = config["space"] == "R3xS2-point-cloud"
    directions = shapes["orientations"][0] if "orientations" in shapes else 0  # that meet
    rows = neighbors if cloud else max(directions, 1)
    pairs = neighbors * (neighbors + 1) if cloud else neighbors  # of a row
    channels, basis = config["hidden_dim"], config["basis_dim"]
    wide = channels * config["widening_factor"]
    layers = config["num_layers"]
    network = sum(math.prod(shapes[f"basis_fn.{k}.weight"]) for k in (1, 3))
    kernel = channels * basis
    roles = 2 if cloud else 1
    matrices = (2 * layers - 1) * (network + kernel)  # convolve, as receiver and as sender
    matrices += roles * (2 * network + layers * kernel)  # differentiate
    fiber, mixing = layers * 2 * directions * channels, layers * 5 * channels * wide
    operations = 2 * rows * (pairs * matrices + fiber + mixing)
    cached = rows * REAL * (pairs / 8 * matrices + fiber + mixing / 4)
    plain = rows * REAL * (pairs * (2 * layers - 1 + roles * layers) * channels
                           + neighbors * 8 + layers * 12 * channels)
    return operations, plain, cached, 3 + 4 * layers + cloud


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=pathlib.Path, help="model files")
    parser.add_argument("--neighbors", type=float, default=52, help="of an atom (default: 52)")
    parser.add_argument("--atoms", nargs="+", type=int, default=[22, 192, 648, 5184, 41472])
    arguments = parser.parse_args()
    for path in arguments.models:
        architecture, config, shapes = read_header(path)
        cost = (ponita_cost(config, shapes, arguments.neighbors) if architecture == "ponita"
                else mace_cost(config, arguments.neighbors))
        operations, plain, cached, launches = cost
        print(f"{path.stem}: {operations / 1e6:.1f} Mflop, {plain / 1e3:.0f} kB and "
              f"{cached / 1e6:.2f} MB from cache per atom, {launches} launches")
        for name, rates in DEVICES.items():
            per_atom = max(operations / rates["flops"], plain / rates["memory"],
                           cached / rates["cache"])
            times = [1e3 * max(launches * LAUNCH, atoms * per_atom) for atoms in arguments.atoms]
            print(f"  {name}, at least ms a step: " + ", ".join(
                f"{atoms} atoms {time:.3f}" for atoms, time in zip(arguments.atoms, times)))


if __name__ == "__main__":
    main()
