# SPDX-License-Identifier: MIT
"""Trains mace-torch for a given time, for run.py; prints its errors on each test file as JSON.

Sizes, loss, optimizer, average, schedule and second stage are those of the preset mace-3bpa-small;
both schedules run by time in the place of epochs.
"""
import argparse
import copy
import json
import math
import pathlib
import sys
import time

import ase.io
import numpy as np
import torch
from mace import data, modules, tools  # before e3nn, whose files it lets PyTorch load
from mace.data.utils import Configuration
from mace.tools import torch_geometric
from e3nn import o3

LEARNING_RATE, SECOND_LEARNING_RATE, SECOND_STAGE, EMA, BATCH = 0.01, 0.0003, 0.9, 0.99, 5


def read(path, isolated):
    """Configurations with energies without isolated atoms, and forces."""
    return [Configuration(
        atomic_numbers=atoms.numbers, positions=atoms.positions,
        properties={"energy": atoms.get_potential_energy() - sum(isolated[z] for z in atoms.numbers),
                    "forces": atoms.get_forces()},
        property_weights={"energy": 1.0, "forces": 1.0}, weight=1.0, config_type="Default",
        pbc=(False,) * 3, cell=np.zeros((3, 3)), head="Default") for atoms in ase.io.iread(path)]


def make_loader(frames, table, shuffle):
    graphs = [data.AtomicData.from_config(frame, z_table=table, cutoff=5.0, heads=["Default"])
              for frame in frames]
    return torch_geometric.dataloader.DataLoader(graphs, batch_size=BATCH, shuffle=shuffle)


def make_model(channels, elements, loader, frames):
    forces = np.concatenate([frame.properties["forces"].ravel() for frame in frames])
    atoms = sum(len(frame.atomic_numbers) for frame in frames)
    shift = sum(frame.properties["energy"] for frame in frames) / atoms
    edges = sum(batch.edge_index.shape[1] for batch in loader)
    return modules.ScaleShiftMACE(
        r_max=5.0, num_bessel=8, num_polynomial_cutoff=5, max_ell=3, correlation=3,
        interaction_cls_first=modules.interaction_classes["RealAgnosticInteractionBlock"],
        interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        num_interactions=2, num_elements=len(elements),
        hidden_irreps=o3.Irreps(f"{channels}x0e+{channels}x1o"), MLP_irreps=o3.Irreps("16x0e"),
        gate=torch.nn.functional.silu, atomic_energies=np.zeros((1, len(elements))),
        avg_num_neighbors=edges / atoms, atomic_numbers=elements, radial_type="bessel",
        radial_MLP=[64, 64, 64], atomic_inter_scale=float(np.sqrt((forces ** 2).mean())),
        atomic_inter_shift=float(shift), heads=["Default"])


def group(model):
    """Weights that decay and those that do not, as in mace-torch's own training."""
    decaying, others = [], []
    for name, parameter in model.named_parameters():
        decays = ("interactions" in name and "linear.weight" in name) or "contractions" in name
        (decaying if decays else others).append(parameter)
    return [{"params": decaying, "weight_decay": 5e-7}, {"params": others, "weight_decay": 0.0}]


def measure(model, loader):
    """RMSE of energies (meV), of forces (meV/Å), and of energies an atom (eV)."""
    energies, per_atom, forces = [], [], []
    for batch in loader:
        output = model(batch.to_dict(), training=False, compute_force=True)
        difference = (output["energy"] - batch.energy).detach()
        energies.append(difference)
        per_atom.append(difference / (batch.ptr[1:] - batch.ptr[:-1]))
        forces.append((output["forces"] - batch.forces).detach().flatten())
    root = [float(torch.cat(x).double().square().mean().sqrt()) for x in (energies, forces, per_atom)]
    return 1000 * root[0], 1000 * root[1], root[2]


def train(model, loader, valid, seconds):
    """The averaged model with the least loss on `valid` in the second stage."""
    optimizer = torch.optim.Adam(group(model), lr=LEARNING_RATE, amsgrad=True)
    average, updates = copy.deepcopy(model), 0
    best, least = copy.deepcopy(model.state_dict()), math.inf
    start, epochs, was_second = time.perf_counter(), 0, False
    while (progress := (time.perf_counter() - start) / seconds) < 1:
        second = progress >= SECOND_STAGE
        if second != was_second:
            least, was_second = math.inf, second
        rate = (SECOND_LEARNING_RATE if second else
                0.5 * LEARNING_RATE * (1 + math.cos(math.pi * progress / SECOND_STAGE)))
        weight = 1000.0 if second else 1.0
        loss = modules.WeightedEnergyForcesLoss(energy_weight=weight, forces_weight=100.0)
        for parameters in optimizer.param_groups:
            parameters["lr"] = rate
        for batch in loader:
            optimizer.zero_grad()
            loss(batch, model(batch.to_dict(), training=True, compute_force=True)).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
            optimizer.step()
            updates += 1
            decay = min(EMA, (1 + updates) / (10 + updates))
            with torch.no_grad():
                for mean, value in zip(average.parameters(), model.parameters(), strict=True):
                    mean.lerp_(value, 1 - decay)
        epochs += 1
        _, force, per_atom = measure(average, valid)
        value = weight * per_atom ** 2 + 100 * (force / 1000) ** 2
        if value < least:
            least, best = value, copy.deepcopy(average.state_dict())
        print(f"mace-torch: epoch {epochs}, {100 * progress:.0f} % of the time, force RMSE "
              f"{force:.1f} meV/Å", file=sys.stderr)
    model.load_state_dict(best)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--channels", type=int, required=True)
    parser.add_argument("--tests", nargs="+", required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    isolated = {atoms.numbers[0]: atoms.get_potential_energy()
                for atoms in ase.io.iread(arguments.folder / "isolated_atoms.xyz")}
    frames = read(arguments.folder / "train.xyz", isolated)
    elements = sorted({int(z) for frame in frames for z in frame.atomic_numbers})
    table = tools.AtomicNumberTable(elements)
    loader = make_loader(frames, table, shuffle=True)
    model = make_model(arguments.channels, elements, loader, frames)
    train(model, loader,
          make_loader(read(arguments.folder / "valid.xyz", isolated), table, shuffle=False),
          arguments.seconds)
    errors = [measure(model, make_loader(read(test, isolated), table, shuffle=False))
              for test in arguments.tests]
    print(json.dumps([{"energy_rmse": e, "force_rmse": f} for e, f, _ in errors]))


if __name__ == "__main__":
    main()
