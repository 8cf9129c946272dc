# SPDX-License-Identifier: MIT
"""Steps a second of mace-torch's training, for training.py."""
import argparse
import statistics
import time

import ase.io
import numpy as np
import torch
from mace import data, modules, tools  # before e3nn, whose files it lets PyTorch load
from mace.data.utils import Configuration
from mace.tools import torch_geometric
from e3nn import o3


def read(path, count):
    """Configurations with energies and forces."""
    return [Configuration(
        atomic_numbers=atoms.numbers, positions=atoms.positions,
        properties={"energy": atoms.get_potential_energy(), "forces": atoms.get_forces()},
        property_weights={"energy": 1.0, "forces": 1.0}, weight=1.0, config_type="Default",
        pbc=(False,) * 3, cell=np.zeros((3, 3)), head="Default")
        for atoms in ase.io.read(path, f":{count}")]


def make_model(arguments, elements):
    """A ScaleShiftMACE of the sizes that `equivariant train` has by default."""
    irreps = "+".join(f"{arguments.channels}x{l}{'eo'[l % 2]}" for l in range(arguments.max_L + 1))
    return modules.ScaleShiftMACE(
        r_max=5.0, num_bessel=8, num_polynomial_cutoff=5, max_ell=3, correlation=3,
        interaction_cls_first=modules.interaction_classes["RealAgnosticInteractionBlock"],
        interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        num_interactions=2, num_elements=len(elements), hidden_irreps=o3.Irreps(irreps),
        MLP_irreps=o3.Irreps("16x0e"), gate=torch.nn.functional.silu,
        atomic_energies=np.zeros((1, len(elements))), avg_num_neighbors=15.0,
        atomic_numbers=elements, radial_type="bessel", radial_MLP=[64, 64, 64],
        atomic_inter_scale=1.0, atomic_inter_shift=0.0, heads=["Default"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    for name in ("--steps", "--batch", "--channels", "--max-L", "--threads"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--precision", required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_default_dtype(getattr(torch, arguments.precision))
    warm_up = 2
    frames = read(arguments.data, (arguments.steps + warm_up) * arguments.batch)
    elements = sorted({int(z) for frame in frames for z in frame.atomic_numbers})
    table = tools.AtomicNumberTable(elements)
    graphs = [data.AtomicData.from_config(frame, z_table=table, cutoff=5.0, heads=["Default"])
              for frame in frames]
    model = make_model(arguments, elements)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, amsgrad=True)
    loss = modules.WeightedEnergyForcesLoss(energy_weight=1, forces_weight=100)
    times = []
    for batch in torch_geometric.dataloader.DataLoader(graphs, batch_size=arguments.batch):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss(batch, model(batch.to_dict(), training=True, compute_force=True)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimizer.step()
        times.append(time.perf_counter() - start)
    print(1 / statistics.median(times[warm_up:]))


if __name__ == "__main__":
    main()
