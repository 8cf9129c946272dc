# SPDX-License-Identifier: MIT
"""PONITA on R^3 x S^2 in PyTorch, from the formulas of docs/theory/ponita.md: all edges and
orientations at once, forces by automatic differentiation. It is what the engine is compared with.
"""
import json

import numpy as np
import torch
from safetensors import safe_open
from torch.nn.functional import gelu, layer_norm, linear


def monomials(attributes, degree):
    """All ordered products of up to `degree` of the last axis' entries, the older index major."""
    powers = [attributes]
    for _ in range(degree - 1):
        powers.append((powers[-1].unsqueeze(-1) * attributes.unsqueeze(-2)).flatten(-2))
    return torch.cat(powers, dim=-1)


class Ponita:
    """Weights and sizes; the published form only. Energies in eV, positions in Å."""

    def __init__(self, config, tensors):
        published = {"space": "R3xS2", "factors": "degree", "fiber_normalization": "orientations",
                     "layer_scale": False, "invariants": {"type": "published"},
                     "kernel": {"type": "mlp"}, "rotation_average": "none", "task_level": "graph",
                     "multiple_readouts": True, "input_vectors": 0}
        for key, value in published.items():
            if config[key] != value:
                raise ValueError(f"{key} = {config[key]} is not the published form")
        self.config = config
        self.tensors = tensors
        self.grid = tensors["orientations"]
        # The kernels over orientations depend on the grid alone: once, as the published program
        # could but does not. [layer][o][p][channel]
        cosines = (self.grid @ self.grid.T).unsqueeze(-1)
        basis = self.mlp("fiber_basis_fn", monomials(cosines, config["degree"]))
        weights = tensors["orientation_weights"].view(-1, 1, 1)
        self.fiber = [weights * linear(basis, self.layer(t, "conv.fiber_kernel.weight"))
                      for t in range(config["num_layers"])]

    @classmethod
    def load(cls, path, precision):
        dtype = {"single": torch.float32, "double": torch.float64}[precision]
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name).to(dtype) for name in file.keys()}
            return cls(json.loads(file.metadata()["config"]), tensors)

    def layer(self, t, name):
        return self.tensors[f"interaction_layers.{t}.{name}"]

    def affine(self, name, x):
        return linear(x, self.tensors[name + ".weight"], self.tensors[name + ".bias"])

    def mlp(self, name, x):
        return gelu(self.affine(name + ".3", gelu(self.affine(name + ".1", x))))

    def make_graph(self, atoms):
        """Input scalars, positions, edges (sender, receiver, their box) of an ase.Atoms; every atom
        has an edge to itself, last."""
        from ase.neighborlist import neighbor_list
        dtype = self.grid.dtype
        receivers, senders, shifts = neighbor_list("ijS", atoms, self.config["radius"])
        own = np.arange(len(atoms))
        index = [self.config["input_index"][self.config["atomic_numbers"].index(z)]
                 for z in atoms.numbers]
        scalars = torch.eye(self.config["input_scalars"], dtype=dtype)[index]
        return (scalars, torch.tensor(atoms.positions, dtype=dtype),
                torch.tensor(np.concatenate([senders, own])),
                torch.tensor(np.concatenate([receivers, own])),
                torch.tensor(np.concatenate([shifts @ atoms.cell.array, np.zeros((len(own), 3))]),
                             dtype=dtype))

    def window(self, squares):
        """1 for an edge to itself, where the root has no derivative."""
        own = squares == 0
        u = torch.where(own, torch.ones_like(squares), squares).sqrt() / self.config["radius"]
        p = self.config["window_power"]
        value = (1 - (p + 1) * (p + 2) / 2 * u ** p + p * (p + 2) * u ** (p + 1)
                 - p * (p + 1) / 2 * u ** (p + 2))
        return torch.where(own, torch.ones_like(u), torch.where(u < 1, value, torch.zeros_like(u)))

    def kernel_basis(self, vectors):
        """[edges][orientations][basis]"""
        along = vectors @ self.grid.T
        squares = (vectors.unsqueeze(1) - along.unsqueeze(-1) * self.grid).square().sum(-1)
        on_axis = squares == 0
        across = torch.where(on_axis, torch.ones_like(squares), squares).sqrt()
        across = torch.where(on_axis, torch.zeros_like(across), across)
        attributes = torch.stack([along, across], dim=-1)
        basis = self.mlp("basis_fn", monomials(attributes, self.config["degree"]))
        return basis * self.window(vectors.square().sum(-1)).view(-1, 1, 1)

    def energy(self, scalars, positions, senders, receivers, offsets):
        basis = self.kernel_basis(positions[senders] - positions[receivers] + offsets)
        features = linear(scalars, self.tensors["x_embedder.weight"])
        features = features.unsqueeze(1).expand(-1, len(self.grid), -1)
        total = 0
        for t, fiber in enumerate(self.fiber):
            messages = linear(basis, self.layer(t, "conv.kernel.weight")) * features[senders]
            spatial = torch.zeros_like(features).index_add(0, receivers, messages)
            mixed = torch.einsum("noc,opc->npc", spatial, fiber) + self.layer(t, "conv.bias")
            u = layer_norm(mixed, mixed.shape[-1:], self.layer(t, "norm.weight"),
                           self.layer(t, "norm.bias"), self.config["layer_norm_eps"])
            prefix = f"interaction_layers.{t}."
            features = features + self.affine(prefix + "linear_2",
                                              gelu(self.affine(prefix + "linear_1", u)))
            readout = self.affine(f"read_out_layers.{t}", features).squeeze(-1)
            total = total + (readout @ self.tensors["orientation_weights"]).sum()
        return self.config["scale"] * total / len(self.fiber) + self.config["shift"]

    def energy_and_forces(self, scalars, positions, *edges):
        """Without the energies of isolated atoms."""
        positions = positions.detach().requires_grad_(True)
        energy = self.energy(scalars, positions, *edges)
        gradient, = torch.autograd.grad(energy, positions)
        return energy.detach(), -gradient
