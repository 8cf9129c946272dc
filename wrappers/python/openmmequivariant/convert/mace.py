# SPDX-License-Identifier: MIT
"""Converts a model saved by mace-torch (a pickle of the whole Python module).

Opening a pickle can run code that it contains: convert only files that you trust.
"""
import hashlib
import math
import os
import warnings

import numpy as np

from .mace_layout import MaceSource, uniform_lmax, write_mace
from .model_file import ConversionError

_TESTED = "mace-torch 0.3.16"


def _load(source):
    os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # e3nn's own tables are pickles
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mace  # noqa: F401
            import torch
    except ImportError as error:
        raise ConversionError(f"reading {source} needs mace-torch ({error}); install it with "
                              f"'pip install mace-torch' (tested: {_TESTED})") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = torch.load(source, map_location="cpu", weights_only=False)
    except Exception as error:  # a pickle can raise anything
        raise ConversionError(f"{source}: cannot be read as a mace-torch model "
                              f"({type(error).__name__}: {error})") from None
    if not isinstance(model, torch.nn.Module):
        raise ConversionError(f"{source}: holds a {type(model).__name__}, not a model")
    return model.double()


def _numpy(tensor):
    return tensor.detach().cpu().double().numpy()


def _require(condition, message):
    if not condition:
        raise ConversionError(message)


def _class_name(module, known, what):
    name = type(module).__name__
    name = getattr(module, "original_name", name)  # TorchScript keeps the class's name here
    _require(name in known, f"{what} of class '{name}' is not supported (known: {', '.join(known)})")
    return name


def _check_switches(model):
    """Refuse what would change the energies but has no place in the file."""
    for attribute in ("use_so3", "keep_last_layer_irreps", "use_edge_irreps_first"):
        _require(not getattr(model, attribute, False), f"option '{attribute}' is not supported")
    _require(getattr(model, "edge_irreps", None) is None, "option 'edge_irreps' is not supported")
    for attribute in ("joint_embedding", "embedding_readout", "les", "fukui"):
        _require(getattr(model, attribute, None) is None, f"part '{attribute}' is not supported")


def _radial_config(model):
    embedding = model.radial_embedding
    name = _class_name(embedding.bessel_fn, ("BesselBasis", "GaussianBasis", "ChebychevBasis"),
                       "a radial basis")
    config = {
        "num_polynomial_cutoff": int(embedding.cutoff_fn.p),
        "apply_cutoff": bool(getattr(embedding, "apply_cutoff", True)),
        "distance_transform": "None",
        "num_radial_basis": int(embedding.out_dim),
    }
    tensors = {}
    if name == "BesselBasis":
        config["radial_type"] = "bessel"
        config["bessel_prefactor"] = float(embedding.bessel_fn.prefactor)
        tensors["bessel_weights"] = _numpy(embedding.bessel_fn.bessel_weights).reshape(-1)
    elif name == "GaussianBasis":
        config["radial_type"] = "gaussian"
        config["gaussian_coefficient"] = float(embedding.bessel_fn.coeff)
        tensors["gaussian_weights"] = _numpy(embedding.bessel_fn.gaussian_weights).reshape(-1)
    else:
        config["radial_type"] = "chebyshev"
    transform = getattr(embedding, "distance_transform", None)
    if transform is not None:
        kind = _class_name(transform, ("AgnesiTransform", "SoftTransform"), "a distance transform")
        config["distance_transform"] = kind.replace("Transform", "")
        if kind == "AgnesiTransform":
            config["agnesi"] = {key: float(getattr(transform, key)) for key in "aqp"}
        else:
            config["soft_alpha"] = float(transform.alpha)
        tensors["covalent_radii"] = transform.covalent_radii
    zbl = getattr(model, "pair_repulsion_fn", None)
    if zbl is not None:
        _class_name(zbl, ("ZBLBasis",), "a pair repulsion")
        config["zbl"] = {"c": _numpy(zbl.c).tolist(), "p": int(zbl.p), "a_exp": float(zbl.a_exp),
                         "a_prefactor": float(zbl.a_prefactor)}
        tensors["covalent_radii"] = zbl.covalent_radii
    if "covalent_radii" in tensors:
        tensors["covalent_radii"] = _numpy(tensors["covalent_radii"])[_atomic_numbers(model)]
    return config, tensors


def _atomic_numbers(model):
    return [int(z) for z in model.atomic_numbers]


def _radial_network(network):
    """Weights of e3nn's FullyConnectedNet and the constant of its activation."""
    _class_name(network, ("FullyConnectedNet",), "a radial network")
    layers = [getattr(network, f"layer{q}") for q in range(len(list(network.children())))]
    constants = [float(layer.act.cst) for layer in layers[:-1]]
    for layer in layers[:-1]:
        _require(getattr(layer.act.f, "__name__", "") == "silu",
                 "a radial network's activation is not silu")
    _require(getattr(layers[-1], "act", None) is None, "a radial network ends with an activation")
    return [_numpy(layer.weight) for layer in layers], constants


def _layer(model, t, channels, couplings):
    block, product = model.interactions[t], model.products[t]
    name = _class_name(block, ("RealAgnosticInteractionBlock",
                               "RealAgnosticResidualInteractionBlock",
                               "RealAgnosticDensityInteractionBlock",
                               "RealAgnosticDensityResidualInteractionBlock"), "an interaction")
    # Blocks without "Residual" hand no self-connection on, whatever use_sc says.
    _require(product.use_sc or "Residual" not in name,
             f"layer {t}: a {name} whose self-connection is switched off is not supported")
    slots = block.conv_tp.irreps_out
    for slot, path in enumerate(block.conv_tp.instructions):
        degree = slots[path.i_out].ir.l
        _require(path.i_out == slot and math.isclose(path.path_weight, math.sqrt(2 * degree + 1)),
                 f"layer {t}: convolution path {slot} has an unknown normalisation")
    contractions, output_lmax = _contractions(product, couplings)
    _require(output_lmax == uniform_lmax(product.linear.irreps_out, channels),
             f"layer {t}: the product's irreps {product.linear.irreps_out} are not supported")
    weights, constants = _radial_network(block.conv_tp_weights)
    result = {
        "interaction": name,
        "avg_num_neighbors": float(block.avg_num_neighbors),
        "hidden_irreps": str(product.linear.irreps_out),
        "output_lmax": output_lmax,
        "path_degrees": [(path.i_in1, path.i_in2, slots[path.i_out].ir.l)
                         for path in block.conv_tp.instructions],
        "linear_up.weight": _numpy(block.linear_up.weight),
        "linear.weight": _numpy(block.linear.weight),
        "skip_tp.weight": _numpy(block.skip_tp.weight),
        "product_linear.weight": _numpy(product.linear.weight),
        "radial_mlp": weights,
        "contractions": contractions,
    }
    uniform_lmax(block.node_feats_irreps, channels)
    if hasattr(block, "density_fn"):
        density, density_constants = _radial_network(block.density_fn)
        _require(len(density) == 1 and not density_constants,
                 f"layer {t}: a density network of several layers is not supported")
        result["density_fn.weight"] = density[0]
    return result, constants


def _contractions(product, couplings):
    """Weights by (L, order); collects the couplings, which all layers share."""
    weights = {}
    contractions = product.symmetric_contractions.contractions
    for degree, contraction in enumerate(contractions):
        correlation = int(contraction.correlation)
        lists = [contraction.weights_max] + list(contraction.weights)
        _require(len(lists) == correlation, "a contraction's weights do not fit its correlation")
        for order in range(1, correlation + 1):
            weight = _numpy(lists[correlation - order])
            zeroed = getattr(contraction, "weights_max_zeroed" if order == correlation else
                             f"weights_{correlation - order - 1}_zeroed", False)
            weights[degree, order] = np.zeros_like(weight) if bool(zeroed) else weight
            matrix = _numpy(getattr(contraction, f"U_matrix_{order}"))
            if degree == 0:
                matrix = matrix[None]
            _require(matrix.ndim == order + 2 and matrix.shape[0] == 2 * degree + 1,
                     f"U matrix of degree {degree}, order {order} has shape {matrix.shape}")
            present = couplings.setdefault((degree, order), matrix)
            _require(np.array_equal(present, matrix), "layers with different couplings")
    return weights, len(contractions) - 1


def _readout(readout, channels, heads):
    name = _class_name(readout, ("LinearReadoutBlock", "NonLinearReadoutBlock"), "a readout")
    if name == "LinearReadoutBlock":
        return {"type": "linear",
                "linear.weight": _numpy(readout.linear.weight).reshape(channels, heads)}, None
    _require(len(readout.non_linearity.acts) == 1, "a readout with several activations")
    activation = readout.non_linearity.acts[0]
    gate = {"gate": "None", "gate_constant": 1.0}
    if activation is not None:
        gate = {"gate": getattr(activation.f, "__name__", "unknown"),
                "gate_constant": float(activation.cst)}
    gate["MLP_irreps"] = f"{readout.linear_1.irreps_out.dim // heads}x0e"
    return {"type": "nonlinear",
            "linear_1.weight": _numpy(readout.linear_1.weight).reshape(channels, -1),
            "linear_2.weight": _numpy(readout.linear_2.weight).reshape(-1, heads)}, gate


def _single(values, what):
    _require(len(set(values)) == 1, f"different values of {what} in one model: {sorted(set(values))}")
    return values[0]


def _read(model):
    _check_switches(model)
    heads = [str(head) for head in getattr(model, "heads", None) or ["Default"]]
    numbers = _atomic_numbers(model)
    channels = int(model.node_embedding.linear.irreps_out.dim)
    config, tensors = _radial_config(model)
    couplings = {}
    layers, constants = [], []
    for t in range(int(model.num_interactions)):
        layer, layer_constants = _layer(model, t, channels, couplings)
        layers.append(layer)
        constants += layer_constants
    readouts = []
    for readout in model.readouts:
        converted, gate = _readout(readout, channels, len(heads))
        readouts.append(converted)
        config.update(gate or {})
    config.update({
        "atomic_numbers": numbers,
        "heads": heads,
        "r_max": float(model.r_max),
        "silu_constant": _single(constants, "the activation's constant"),
        "max_ell": int(model.spherical_harmonics._lmax),
        "correlation": int(
            model.products[0].symmetric_contractions.contractions[0].correlation),
        "num_channels": channels,
        "use_agnostic_product": layers[0]["contractions"][0, 1].shape[0] == 1 and len(numbers) > 1,
        "use_last_readout_only": bool(getattr(model, "use_last_readout_only", False)),
    })
    scale_shift = getattr(model, "scale_shift", None)
    tensors.update({
        "atomic_energies": np.broadcast_to(
            np.atleast_2d(_numpy(model.atomic_energies_fn.atomic_energies)),
            (len(heads), len(numbers))),
        "scale": _per_head(1.0 if scale_shift is None else _numpy(scale_shift.scale), heads),
        "shift": _per_head(0.0 if scale_shift is None else _numpy(scale_shift.shift), heads),
        "node_embedding.weight": _numpy(model.node_embedding.linear.weight).reshape(
            len(numbers), channels),
    })
    sparse = {}
    for key, matrix in couplings.items():
        index = np.argwhere(matrix != 0)
        sparse[key] = (index, matrix[tuple(index.T)])
    return MaceSource(config, tensors, layers, readouts, sparse)


def _per_head(value, heads):
    return np.broadcast_to(np.asarray(value).reshape(-1), (len(heads),))


def convert_mace(source, output, license=None, provenance=None):
    """Convert a mace-torch model file to a model file of this project.

    Parameters
    ----------
    source : str
        A ``.model`` file: a pickle, so only from someone you trust.
    output : str
        The ``.safetensors`` file to write.
    license : str, optional
        Licence of the weights, kept in the file. "unknown" where it is not given.
    provenance : str, optional
        Text put before the name and checksum of the source file.

    Raises
    ------
    ConversionError
        If mace-torch is not installed or the model has a part that is not supported.
    """
    model = _load(source)
    _class_name(model, ("MACE", "ScaleShiftMACE"), "a model")
    try:
        contents = _read(model)
    except (AttributeError, IndexError, KeyError) as error:
        raise ConversionError(f"{source}: not laid out as {_TESTED} does "
                              f"({type(error).__name__}: {error})") from None
    except ConversionError as error:
        raise ConversionError(f"{source}: {error}") from None
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    origin = f"converted from {os.path.basename(source)} (sha256 {digest})"
    write_mace(contents, output, license=license or "unknown",
               provenance=f"{provenance}; {origin}" if provenance else origin)
