# SPDX-License-Identifier: MIT
"""Runs a model in another program, in a process of its own that compare.py talks to:

    peer.py mace-torch|ponita-torch|symmetrix MODEL FRAME.xyz [--precision P] [--threads N]

The first line of the output holds energy (eV), forces (eV/Å) and the memory (MB) of the prepared
program; then each number K on the input is answered with the milliseconds of K calls for energy and
forces and the highest memory so far. Neighbor lists are built before and do not count.
"""
import argparse
import contextlib
import json
import os
import sys
import time


def read_memory(key):
    """MB of this process, 10^6 bytes."""
    with open("/proc/self/status") as file:
        line, = (line for line in file if line.startswith(key + ":"))
    return int(line.split()[1]) * 1024e-6


def prepare_mace_torch(arguments):
    """As mace-torch's calculator calls its model, but without the stress."""
    from mace import data
    from mace.tools import AtomicNumberTable, torch_geometric
    import ase.io
    import torch
    dtype = {"single": torch.float32, "double": torch.float64}[arguments.precision]
    torch.set_default_dtype(dtype)
    model = torch.load(arguments.model, weights_only=False).to(dtype)
    for parameter in model.parameters():
        parameter.requires_grad = False
    table = AtomicNumberTable([int(z) for z in model.atomic_numbers])
    configuration = data.config_from_atoms(ase.io.read(arguments.frame))
    graph = data.AtomicData.from_config(configuration, z_table=table, cutoff=float(model.r_max))
    batch, = torch_geometric.dataloader.DataLoader([graph], batch_size=1)
    inputs = batch.to_dict()
    inputs["positions"].requires_grad_(True)

    def compute():
        result = model(inputs, compute_force=True)
        return (result["interaction_energy"].item(),
                result["forces"].detach().numpy().astype(float).tolist())
    return compute


def prepare_ponita_torch(arguments):
    import ase.io
    import ponita_torch
    atoms = ase.io.read(arguments.frame)
    model = ponita_torch.Ponita.load(arguments.model, arguments.precision)
    graph = model.make_graph(atoms)

    def compute():
        energy, forces = model.energy_and_forces(*graph)
        return energy.item(), forces.numpy().astype(float).tolist()
    return compute


def prepare_symmetrix(arguments):
    """The class for processors, whose only precision is double; the model file is that of
    mace-torch."""
    import ase.io
    import numpy as np
    from ase.neighborlist import neighbor_list
    from symmetrix import Symmetrix
    if arguments.precision != "double" or arguments.threads != 1:
        raise SystemExit("symmetrix's class without Kokkos has one thread and double precision")
    atoms = ase.io.read(arguments.frame)
    evaluator = Symmetrix(arguments.model, use_kokkos=False,
                          species=sorted(set(atoms.numbers.tolist()))).evaluator
    receivers, senders, vectors, distances = neighbor_list("ijDd", atoms, evaluator.r_cut)
    types = [evaluator.atomic_numbers.index(z) for z in atoms.numbers.tolist()]
    inputs = (len(atoms), types, np.bincount(receivers, minlength=len(atoms)), senders,
              [types[j] for j in senders], vectors.ravel(), distances)

    def compute():
        evaluator.compute_node_energies_forces(*inputs)
        pairs = np.asarray(evaluator.node_forces)[:3 * len(senders)].reshape(-1, 3)
        forces = np.zeros((len(atoms), 3))
        np.add.at(forces, senders, pairs)
        np.subtract.at(forces, receivers, pairs)
        return None, forces.tolist()
    return compute


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = {"mace-torch": prepare_mace_torch, "ponita-torch": prepare_ponita_torch,
             "symmetrix": prepare_symmetrix}
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("model")
    parser.add_argument("frame")
    parser.add_argument("--precision", choices=["single", "double"], default="double")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(arguments.threads)
    answers, sys.stdout = sys.stdout, sys.stderr  # programs print what is no answer
    with contextlib.suppress(ImportError):
        import torch
        torch.set_num_threads(arguments.threads)
        torch.set_num_interop_threads(1)
    compute = kinds[arguments.kind](arguments)
    memory = read_memory("VmRSS")
    energy, forces = compute()
    compute()  # what is compiled at the second call does not count either
    print(json.dumps({"energy": energy, "forces": forces, "model_mb": memory}), file=answers,
          flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            compute()
            times.append(1000 * (time.perf_counter() - start))
        print(json.dumps({"times": times, "peak_mb": read_memory("VmHWM")}), file=answers,
              flush=True)


if __name__ == "__main__":
    main()
