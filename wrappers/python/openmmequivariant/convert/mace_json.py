# SPDX-License-Identifier: MIT
"""Converts a MACE model written as JSON (layout: tests/data/mace/README.md)."""
import json
import math

import numpy as np

from .mace_layout import MaceSource, uniform_lmax, write_mace
from .model_file import ConversionError


def _array(entry):
    """A number list, or {shape, data} or {shape, weight}."""
    if isinstance(entry, dict):
        return np.asarray(entry.get("data", entry.get("weight")), dtype=float).reshape(
            entry["shape"])
    return np.asarray(entry, dtype=float)


def _config(model, channels):
    config = {
        "atomic_numbers": model["atomic_numbers"],
        "heads": model["heads"],
        "r_max": model["r_max"],
        "radial_type": model["radial_type"],
        "num_radial_basis": model["num_bessel"],
        "num_polynomial_cutoff": model["num_polynomial_cutoff"],
        "apply_cutoff": model.get("apply_cutoff", True),
        "silu_constant": model["silu_cst"],
        "distance_transform": model["distance_transform"] or "None",
        "max_ell": model["max_ell"],
        "correlation": model["correlation"],
        "num_channels": channels,
        "use_agnostic_product": model.get("use_agnostic_product", False),
        "use_last_readout_only": model.get("use_last_readout_only", False),
    }
    if model["radial_type"] == "bessel":
        config["bessel_prefactor"] = model["bessel_prefactor"]
    if "agnesi" in model:
        config["agnesi"] = {key: model["agnesi"][key] for key in "aqp"}
    if "zbl" in model:
        config["zbl"] = {key: model["zbl"][key] for key in ("c", "p", "a_exp", "a_prefactor")}
    return config


def _layer(entry, channels, max_ell):
    input_lmax = uniform_lmax(entry["node_feats_irreps"], channels)
    slots = [int(part.split("x")[1][:-1]) for part in entry["irreps_mid"].split("+")]
    for slot, (l1, l2, mid, weight) in enumerate(entry["conv_tp_instructions"]):
        if mid != slot or not math.isclose(weight, math.sqrt(2 * slots[mid] + 1)):
            raise ConversionError(f"convolution path {slot} has an unknown normalisation")
    return {
        "interaction": entry["interaction"],
        "avg_num_neighbors": entry["avg_num_neighbors"],
        "hidden_irreps": entry["hidden_irreps"],
        "output_lmax": uniform_lmax(entry["hidden_irreps"], channels),
        "input_lmax": input_lmax,
        "path_degrees": [(l1, l2, slots[mid])
                         for l1, l2, mid, _ in entry["conv_tp_instructions"]],
        "linear_up.weight": entry["linear_up.weight"],
        "linear.weight": entry["linear.weight"],
        "skip_tp.weight": entry["skip_tp.weight"],
        "product_linear.weight": entry["product.linear.weight"],
        "density_fn.weight": entry.get("density_fn.weight"),
        "radial_mlp": [_array(weight) for weight in entry["radial_mlp"]],
        "contractions": {(degree, int(order)): _array(weight)
                         for degree, contraction in enumerate(entry["contractions"])
                         for order, weight in contraction["weights"].items()},
    }


def _readout(entry, channels, heads):
    if entry["type"] == "linear":
        return {"type": "linear",
                "linear.weight": _array(entry["linear.weight"]).reshape(channels, heads)}
    return {"type": "nonlinear",
            "linear_1.weight": _array(entry["linear_1.weight"]).reshape(channels, -1),
            "linear_2.weight": _array(entry["linear_2.weight"]).reshape(-1, heads)}


def _tensors(model, channels):
    elements, heads = len(model["atomic_numbers"]), len(model["heads"])
    tensors = {
        "atomic_energies": _array(model["atomic_energies"]).reshape(heads, elements),
        "scale": np.broadcast_to(_array(model["scale"]), (heads,)),
        "shift": np.broadcast_to(_array(model["shift"]), (heads,)),
        "node_embedding.weight": _array(model["node_embedding.linear.weight"]).reshape(
            elements, channels),
    }
    if model["radial_type"] == "bessel":
        tensors["bessel_weights"] = model["bessel_weights"]
    for key in ("agnesi", "zbl"):
        if key in model:
            radii = model[key]["covalent_radii"]
            tensors["covalent_radii"] = [radii[str(z)] for z in model["atomic_numbers"]]
    return tensors


def convert_mace_json(source, output, license="unknown"):
    """Convert ``source`` (model.json) to a model file ``output``."""
    with open(source) as file:
        try:
            model = json.load(file)
        except json.JSONDecodeError as error:
            raise ConversionError(f"{source}: not JSON ({error})") from None
    if model.get("format") != "mace-golden-1":
        raise ConversionError(f"{source}: not a MACE model in JSON (format 'mace-golden-1')")
    try:
        channels = int(model["hidden_irreps"].split("x")[0])
        config = _config(model, channels)
        readouts = [_readout(entry, channels, len(model["heads"])) for entry in model["readouts"]]
        if any(entry["type"] == "nonlinear" for entry in model["readouts"]):
            config["MLP_irreps"] = model["MLP_irreps"]
            config["gate"] = model["gate"]
            config["gate_constant"] = [entry["act_cst"] for entry in model["readouts"]
                                       if entry["type"] == "nonlinear"][0]
        layers = [_layer(entry, channels, model["max_ell"]) for entry in model["layers"]]
        contents = MaceSource(config, _tensors(model, channels), layers, readouts)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ConversionError(f"{source}: {type(error).__name__}: {error}") from None
    write_mace(contents, output, license=license, provenance=f"converted from {source.split('/')[-1]}")
