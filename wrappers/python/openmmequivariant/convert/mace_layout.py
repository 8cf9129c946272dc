# SPDX-License-Identifier: MIT
"""What the two MACE converters share: the paths of a convolution and the order of weights.

A converter fills a ``MaceSource`` and calls :func:`write_mace`, which checks it and writes the file
described in docs/model-file.md.
"""
import dataclasses

import numpy as np

from .model_file import ConversionError, write_model_file

CITATION = "Batatia et al., MACE, NeurIPS 2022, arXiv:2206.07697"
RESIDUAL = ("RealAgnosticResidualInteractionBlock", "RealAgnosticDensityResidualInteractionBlock")
DENSITY = ("RealAgnosticDensityInteractionBlock", "RealAgnosticDensityResidualInteractionBlock")
INTERACTIONS = ("RealAgnosticInteractionBlock",) + RESIDUAL + DENSITY[:1]


def convolution_paths(input_lmax, max_ell):
    """[(l1, l2, l3)] of natural parity, in e3nn's order of weights."""
    paths = [(l1, l2, l3)
             for l1 in range(input_lmax + 1)
             for l2 in range(max_ell + 1)
             for l3 in range(abs(l1 - l2), min(l1 + l2, max_ell) + 1, 2)]
    return sorted(paths, key=lambda path: path[2])


@dataclasses.dataclass
class MaceSource:
    """A MACE model as a converter found it. ``config`` follows docs/model-file.md; ``layers`` holds
    for each layer its config and raw weight arrays; ``couplings`` the U tensors by (L, order), or
    None for e3nn's."""

    config: dict
    tensors: dict
    layers: list
    readouts: list
    couplings: dict = None


def _layer_tensors(source, t, layer, input_lmax):
    k, nz = source.config["num_channels"], len(source.config["atomic_numbers"])
    max_ell = source.config["max_ell"]
    paths = convolution_paths(input_lmax, max_ell)
    if layer["path_degrees"] != paths:
        raise ConversionError(f"layer {t}: the convolution's paths {layer['path_degrees']} are not "
                              f"those of natural parity {paths}")
    output_lmax = layer["output_lmax"]
    residual = layer["interaction"] in RESIDUAL
    skip_degrees = min(input_lmax, output_lmax) + 1 if residual else max_ell + 1
    shapes = {
        "linear_up.weight": (input_lmax + 1, k, k),
        "linear.weight": (len(paths), k, k),
        "skip_tp.weight": (skip_degrees, k, nz, k),
        "product_linear.weight": (output_lmax + 1, k, k),
    }
    if layer["interaction"] in DENSITY:
        shapes["density_fn.weight"] = (source.config["num_radial_basis"],)
    result = {}
    for name, shape in shapes.items():
        array = np.asarray(layer[name], dtype=np.float64)
        if array.size != np.prod(shape):
            raise ConversionError(f"layer {t}: {name} has {array.size} numbers, expected {shape}")
        result[name] = array.reshape(shape)
    for q, weight in enumerate(layer["radial_mlp"]):
        result[f"radial_mlp.{q}.weight"] = weight
    for (degree, order), weight in layer["contractions"].items():
        result[f"contractions.{degree}.{order}"] = weight
    return {f"layers.{t}.{name}": value for name, value in result.items()}


def write_mace(source, path, *, license, provenance, citation=CITATION):
    """Check a MaceSource and write it to ``path``."""
    config, tensors = dict(source.config), dict(source.tensors)
    config["layers"] = []
    input_lmax = 0
    for t, layer in enumerate(source.layers):
        if layer["interaction"] not in INTERACTIONS:
            raise ConversionError(f"layer {t}: interaction '{layer['interaction']}' is not supported")
        tensors.update(_layer_tensors(source, t, layer, input_lmax))
        config["layers"].append({
            "interaction": layer["interaction"],
            "avg_num_neighbors": float(layer["avg_num_neighbors"]),
            "hidden_irreps": layer["hidden_irreps"],
            "radial_mlp": [int(np.shape(weight)[1]) for weight in layer["radial_mlp"][:-1]],
        })
        input_lmax = layer["output_lmax"]
    config["readouts"] = []
    for t, readout in enumerate(source.readouts):
        config["readouts"].append(readout["type"])
        for name, weight in readout.items():
            if name != "type":
                tensors[f"readouts.{t}.{name}"] = weight
    config["couplings"] = "e3nn"
    if source.couplings is not None:
        config["couplings"] = "stored"
        for (degree, order), (index, value) in source.couplings.items():
            tensors[f"couplings.L{degree}.nu{order}.index"] = index
            tensors[f"couplings.L{degree}.nu{order}.value"] = value
    write_model_file(path, architecture="mace", config=config, tensors=tensors, license=license,
                     citation=citation, provenance=provenance)


def uniform_lmax(irreps, channels):
    """Highest degree of an irreps string '8x0e+8x1o' with one multiplicity and natural parity."""
    parts = [part.strip() for part in str(irreps).split("+")]
    expected = [f"{channels}x{l}{'eo'[l % 2]}" for l in range(len(parts))]
    if parts != expected:
        raise ConversionError(f"irreps '{irreps}' are not supported (expected {'+'.join(expected)})")
    return len(parts) - 1
