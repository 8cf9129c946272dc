# SPDX-License-Identifier: MIT
"""Models with random weights to measure with: models.py DIR [NAME ...].

mace-small and mace-medium have the shapes of MACE-OFF23 and are made with mace-torch, which must be
installed for them: NAME.model, and NAME.safetensors converted from it. The others are written as
model files at once; ponita has a grid without symmetry, as the published program does, and
ponita-dodecahedron one whose directions come in opposite pairs. All know H, C, N and O.
"""
import argparse
import math
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The converters by themselves; last, since an "ase" lies beside them.
sys.path.append(str(ROOT / "wrappers" / "python" / "openmmequivariant"))
from convert.mace_layout import convolution_paths  # noqa: E402
from convert.model_file import write_model_file  # noqa: E402

ELEMENTS = [1, 6, 7, 8]
MACE = {"mace-small": ("96x0e", 4.5, 38.0), "mace-medium": ("128x0e+128x1o", 5.0, 52.0)}
GAUNT = {"gaunt-mace-medium": {"type": "gaunt"},
         "gaunt-copies-mace-medium": {"type": "gaunt-copies", "copies": 2, "odd_paths": True}}
PONITA = ("ponita", "ponita-dodecahedron")
NAMES = (*MACE, *GAUNT, *PONITA)
SILU = 1.6791767923989418  # e3nn's normalisation of the activation
RANDOM = {"license": "MIT", "provenance": "random weights of benchmarks/models.py"}


def write_mace(name, path):
    import torch
    from convert import convert_mace
    from mace import modules  # first: it makes e3nn's own files readable for today's PyTorch
    from e3nn import o3
    irreps, cutoff, neighbors = MACE[name]
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    model = modules.ScaleShiftMACE(
        r_max=cutoff, num_bessel=8, num_polynomial_cutoff=5, max_ell=3,
        interaction_cls_first=modules.interaction_classes["RealAgnosticInteractionBlock"],
        interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        num_interactions=2, num_elements=len(ELEMENTS), hidden_irreps=o3.Irreps(irreps),
        MLP_irreps=o3.Irreps("16x0e"), atomic_energies=np.array([-13.6, -1029.0, -1484.0, -2041.0]),
        avg_num_neighbors=neighbors, atomic_numbers=ELEMENTS, correlation=3,
        gate=modules.gate_dict["silu"], radial_MLP=[64, 64, 64], radial_type="bessel",
        atomic_inter_scale=1.0, atomic_inter_shift=0.0)
    torch.save(model, path.with_suffix(".model"))
    convert_mace(str(path.with_suffix(".model")), str(path), license="MIT")


class GauntTensors:
    """Tensors of a Gaunt-MACE of the shape of mace-medium."""

    def __init__(self, product):
        self.random = np.random.default_rng(1)
        self.product = product
        self.tensors = {}
        k, elements = 128, len(ELEMENTS)
        self.add("atomic_energies", (1, elements))
        self.tensors.update({"scale": np.ones(1), "shift": np.zeros(1),
                             "bessel_weights": np.arange(1, 9) * math.pi / 5})
        self.add("node_embedding.weight", (elements, k))
        self.add_layer("layers.0.", k, elements, 0, 1, skip_degrees=4)
        self.add_layer("layers.1.", k, elements, 1, 0, skip_degrees=1)
        self.add("readouts.0.linear.weight", (k, 1))
        self.add("readouts.1.linear_1.weight", (k, 16))
        self.add("readouts.1.linear_2.weight", (16, 1))

    def add(self, name, shape, spread=1.0):
        self.tensors[name] = spread * self.random.normal(size=shape)

    def add_layer(self, prefix, k, elements, input_degree, output_degree, skip_degrees):
        paths = len(convolution_paths(input_degree, 3))
        self.add(prefix + "linear_up.weight", (input_degree + 1, k, k))
        sizes = [8, 64, 64, 64, paths * k]
        for q in range(4):
            self.add(f"{prefix}radial_mlp.{q}.weight", (sizes[q], sizes[q + 1]))
        self.add(prefix + "linear.weight", (paths, k, k))
        self.add(prefix + "skip_tp.weight", (skip_degrees, k, elements, k))
        self.add_product(prefix + "product.", k, elements, output_degree + 1)
        self.add(prefix + "product_linear.weight", (output_degree + 1, k, k))

    def add_product(self, prefix, k, elements, degrees):
        if self.product["type"] == "gaunt":
            self.add(prefix + "weights", (3, elements, k, degrees), 0.3)
            return
        copies = self.product["copies"]
        self.add(prefix + "linear_weights", (elements, k, degrees), 0.3)
        self.add(prefix + "factors", (copies, 3, k, 4), 0.7)
        self.add(prefix + "weights", (2, copies, elements, k, degrees), 0.3)
        if self.product["odd_paths"]:
            self.add(prefix + "odd_weights", (1, copies, elements, k, degrees), 0.1)


def write_gaunt(name, path):
    def layer(interaction, irreps):
        return {"interaction": interaction, "avg_num_neighbors": 52.0, "hidden_irreps": irreps,
                "radial_mlp": [64, 64, 64]}
    config = {
        "atomic_numbers": ELEMENTS, "heads": ["Default"], "r_max": 5.0, "radial_type": "bessel",
        "num_radial_basis": 8, "bessel_prefactor": math.sqrt(2 / 5), "num_polynomial_cutoff": 5,
        "apply_cutoff": True, "silu_constant": SILU, "distance_transform": "None", "max_ell": 3,
        "correlation": 3, "num_channels": 128,
        "layers": [layer("RealAgnosticInteractionBlock", "128x0e+128x1o"),
                   layer("RealAgnosticResidualInteractionBlock", "128x0e")],
        "product": GAUNT[name], "convolution": "clebsch-gordan",
        "readouts": ["linear", "nonlinear"], "use_last_readout_only": False,
        "MLP_irreps": "16x0e", "gate": "silu", "gate_constant": SILU}
    write_model_file(path, architecture="gaunt-mace", config=config,
                     tensors=GauntTensors(GAUNT[name]).tensors, citation="arXiv:2401.10216",
                     **RANDOM)


def fibonacci_grid(count):
    index = np.arange(count)
    z = 1 - (2 * index + 1) / count
    angle = np.pi * index * (1 + math.sqrt(5))
    ring = np.sqrt(1 - z ** 2)
    points = np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def dodecahedron_grid():
    golden = (1 + math.sqrt(5)) / 2
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    for a in (-1, 1):
        for b in (-golden, golden):
            corners += [(0, a / golden, b), (a / golden, b, 0), (b, 0, a / golden)]
    return np.array(corners) / math.sqrt(3)


def write_ponita(grid, path, channels=64, layers=3, wide=4, degree=3):
    """On R^3 x S^2, initialised as the published program does it: uniform up to 1/sqrt(inputs)."""
    random = np.random.default_rng(1)
    tensors = {"orientations": grid, "orientation_weights": np.full(len(grid), 1 / len(grid)),
               "isolated_atom_energies": [-13.6, -1029.0, -1484.0, -2041.0]}

    def add(name, outputs, inputs, bias=True):
        bound = 1 / math.sqrt(inputs)
        tensors[name + ".weight"] = random.uniform(-bound, bound, (outputs, inputs))
        if bias:
            tensors[name + ".bias"] = random.uniform(-bound, bound, outputs)

    features = sum(2 ** k for k in range(1, degree + 1))
    add("basis_fn.1", channels, features)
    add("basis_fn.3", channels, channels)
    add("fiber_basis_fn.1", channels, degree)
    add("fiber_basis_fn.3", channels, channels)
    add("x_embedder", channels, len(ELEMENTS), bias=False)
    for t in range(layers):
        prefix = f"interaction_layers.{t}."
        add(prefix + "conv.kernel", channels, channels, bias=False)
        add(prefix + "conv.fiber_kernel", channels, channels, bias=False)
        tensors.update({prefix + "conv.bias": np.zeros(channels),
                        prefix + "norm.weight": np.ones(channels),
                        prefix + "norm.bias": np.zeros(channels)})
        add(prefix + "linear_1", wide * channels, channels)
        add(prefix + "linear_2", channels, wide * channels)
        add(f"read_out_layers.{t}", 1, channels)
    config = {
        "space": "R3xS2", "hidden_dim": channels, "basis_dim": channels, "degree": degree,
        "factors": "degree", "widening_factor": wide, "num_layers": layers, "radius": 5.0,
        "window_power": 6, "fiber_normalization": "orientations", "multiple_readouts": True,
        "layer_scale": False, "layer_norm_eps": 1e-5, "input_scalars": len(ELEMENTS),
        "input_vectors": 0, "output_scalars": 1, "output_vectors": 0, "task_level": "graph",
        "invariants": {"type": "published"}, "kernel": {"type": "mlp"}, "lifted_envelope": False,
        "rotation_average": "none", "scale": 1.0, "shift": 0.0, "atomic_numbers": ELEMENTS,
        "input_index": list(range(len(ELEMENTS)))}
    write_model_file(path, architecture="ponita", config=config, tensors=tensors,
                     citation="arXiv:2310.02970", **RANDOM)


def write(name, folder):
    """The path of a model file, which is made if it is not there."""
    path = pathlib.Path(folder) / f"{name}.safetensors"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    if name in MACE:
        write_mace(name, path)
    elif name in GAUNT:
        write_gaunt(name, path)
    else:
        write_ponita(fibonacci_grid(20) if name == "ponita" else dodecahedron_grid(), path)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME",
                        help=f"of {', '.join(NAMES)} (default: all)")
    arguments = parser.parse_args()
    for name in arguments.names or NAMES:
        print(write(name, arguments.folder))


if __name__ == "__main__":
    main()
