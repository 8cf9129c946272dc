# SPDX-License-Identifier: MIT
"""Converts a PONITA model kept as JSON (tests/data/ponita/README.md) to a model file.

The layout of the model file is described in docs/model-file-ponita.md.
"""
import json

import numpy as np

from .model_file import ConversionError, write_model_file

CITATION = ("E. J. Bekkers, S. Vadgama, R. D. Hesselink, P. A. van der Linden, D. W. Romero: Fast, "
            "expressive SE(n) equivariant networks through weight-sharing in position-orientation "
            "space. ICLR 2024, arXiv:2310.02970")
SPACES = {
    "R2": "R2",
    "R3": "R3",
    "R2xS1": "R2xS1",
    "R3xS2": "R3xS2",
    "R3xS2 point cloud": "R3xS2-point-cloud",
    "R3xS2-point-cloud": "R3xS2-point-cloud",
}
BUNDLES = ("R2xS1", "R3xS2")


def published_config(source, *, space):
    """The model file's config of a model of ebekkers/ponita: its sizes, and every switch in which
    the look-alike variants differ set to what that code does.

    Parameters
    ----------
    source : dict
        Arguments of the published class: hidden_dim, basis_dim, degree, widening_factor,
        num_layers, radius, multiple_readouts, layer_scale, input_scalars, input_vectors,
        output_dim, output_dim_vec, task_level.
    space : str
        One of the values of SPACES.
    """
    return {
        "space": space,
        "hidden_dim": source["hidden_dim"],
        "basis_dim": source["basis_dim"],
        "degree": source["degree"],
        "factors": "degree",
        "widening_factor": source["widening_factor"],
        "num_layers": source["num_layers"],
        "radius": source["radius"],
        "window_power": 6,
        "fiber_normalization": "orientations",
        "multiple_readouts": source["multiple_readouts"],
        "layer_scale": bool(source["layer_scale"]),
        "layer_norm_eps": source.get("layer_norm_eps", 1e-5),
        "input_scalars": source["input_scalars"],
        "input_vectors": source.get("input_vectors", 0),
        "output_scalars": source["output_dim"],
        "output_vectors": source.get("output_dim_vec", 0),
        "task_level": source["task_level"],
        "invariants": {"type": "published"},
        "kernel": {"type": "mlp"},
        "lifted_envelope": False,
        "rotation_average": "none",
    }


def grid_tensors(path, space, grid):
    """Tensors of an orientation grid with equal weights; none for spaces without one."""
    if space not in BUNDLES:
        if grid is not None:
            raise ConversionError(f"{path}: the space {space} has no orientation grid, but one is "
                                  "given")
        return {}
    grid = np.asarray(grid, dtype=np.float64)
    dimension = 2 if space == "R2xS1" else 3
    if grid.ndim != 2 or len(grid) == 0 or grid.shape[1] != dimension:
        raise ConversionError(f"{path}: the orientation grid has shape {grid.shape}, expected "
                              f"(orientations, {dimension})")
    return {"orientations": grid,
            "orientation_weights": np.full(len(grid), 1 / len(grid))}


def convert_ponita_json(source_path, output_path):
    """Convert a PONITA model from JSON.

    Energies of this layout are sums of the node scalars, without scale or shift; inputs are
    one-hot, the index being the atomic number.
    """
    with open(source_path, encoding="utf-8") as stream:
        source = json.load(stream)
    try:
        config = source["config"]
        if config["space"] not in SPACES:
            raise ConversionError(f"{source_path}: unknown space '{config['space']}'")
        if config["activation"] != "gelu":
            raise ConversionError(f"{source_path}: activation '{config['activation']}' is not gelu")
        space = SPACES[config["space"]]
        converted = published_config(config, space=space)
        tensors = {name: np.reshape(np.asarray(entry["data"], dtype=np.float64), entry["shape"])
                   for name, entry in source["state"].items()}
        tensors.update(grid_tensors(source_path, space, source["orientation_grid"]))
    except KeyError as error:
        raise ConversionError(f"{source_path}: key {error} is missing") from error
    if converted["task_level"] == "graph":
        elements = list(range(1, config["input_scalars"]))
        converted.update(scale=1.0, shift=0.0, atomic_numbers=elements, input_index=elements)
    write_model_file(
        output_path, architecture="ponita", config=converted, tensors=tensors,
        license=source.get("license", "MIT"), citation=CITATION,
        provenance=f"{source.get('name', 'model')}, converted from JSON (ebekkers/ponita's layout)")
