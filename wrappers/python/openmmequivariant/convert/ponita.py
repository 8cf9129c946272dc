# SPDX-License-Identifier: MIT
"""Converts a Lightning checkpoint of ebekkers/ponita.

Such a checkpoint holds the weights twice (as trained, and their exponential moving average in the
state of the optimizer), and neither the orientation grid nor shift and scale: the grid is drawn
at random when the program starts, the others are plain attributes. They must be given.
"""
import argparse
import hashlib
import json
import math
import os
import warnings

import numpy as np

from .model_file import ConversionError, write_model_file
from .ponita_json import BUNDLES, CITATION, grid_tensors, published_config

_PREFIX = "model."
_BUFFERS = ("callibrated", "windowing_fn.p", "windowing_fn.r_max")
_MISSING = {
    "grid": "it does not contain its orientation grid, which was drawn at random; another grid gives "
            "other energies. Give the grid of the training run as grid=",
    "scale": "it does not contain the scale of its energies. Give the root mean square of the "
             "training set's force components, eV/Å, as scale=",
    "shift": "it does not contain the shift of its energies. Give the mean energy of the training "
             "set, eV, as shift=",
    "atomic_numbers": "it does not say which elements it was trained on. Give them as "
                      "atomic_numbers=",
}


def convert_ponita(source, output, grid=None, scale=None, shift=None, atomic_numbers=None, *,
                   input_index=None, space=None, weights="ema", trusted=False, license=None):
    """Convert a checkpoint of a PONITA potential to a model file of this project.

    Sizes follow from the shapes of the tensors.

    Parameters
    ----------
    source : str
        A ``.ckpt`` file.
    output : str
        The ``.safetensors`` file to write.
    grid : str or array_like
        The training run's orientations, [O][3] ([O][2] in the plane): numbers, or a file that holds
        them as JSON or as lines of text. Not for spaces without a grid.
    scale, shift : float
        E = scale * sum + shift, eV. The published program trains in meV.
    atomic_numbers : sequence of int
        The elements of the training set.
    input_index : sequence of int, optional
        Which input is 1 for each element; the atomic number itself if not given.
    space : str, optional
        Needed where shapes leave it open: "R2", "R2xS1", and "R3" or "R3xS2-point-cloud" of degree 1.
    weights : {'ema', 'raw'}
        The moving average, which is what the published program tests, or the last weights.
    trusted : bool
        Read a file that is more than tensors and numbers; it can then run code of its own.
    license : str, optional
        Licence of the weights, kept in the file. "unknown" where it is not given.

    Raises
    ------
    ConversionError
        If grid, scale, shift or elements are not given, if PyTorch is missing, or if the checkpoint
        is not laid out as that program does.
    """
    checkpoint = _load(source, trusted)
    try:
        state = _weights(checkpoint, weights)
        config = _config(state, _arguments(checkpoint), space)
        given = {"grid": grid, "scale": scale, "shift": shift, "atomic_numbers": atomic_numbers}
        for key, value in given.items():
            if value is None and (key != "grid" or config["space"] in BUNDLES):
                raise ConversionError(_MISSING[key])
        config.update(_potential(config, scale, shift, atomic_numbers, input_index))
        tensors = {name: value for name, value in state.items() if not name.endswith(_BUFFERS)}
        tensors.update(grid_tensors("grid", config["space"], _grid(grid)))
        _check_grid(tensors, _arguments(checkpoint))
    except ConversionError as error:
        raise ConversionError(f"{source}: {error}") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ConversionError(f"{source}: not laid out as ebekkers/ponita does "
                              f"({type(error).__name__}: {error})") from None
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    write_model_file(output, architecture="ponita", config=config, tensors=tensors,
                     license=license or "unknown", citation=CITATION,
                     provenance=f"converted from {os.path.basename(source)} (sha256 {digest}), "
                                f"{weights} weights; grid, scale and shift given by hand")


def _load(source, trusted):
    try:
        import torch
    except ImportError as error:
        raise ConversionError(f"reading {source} needs PyTorch ({error}); install it with "
                              "'pip install torch'") from None
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals([argparse.Namespace]):
            warnings.simplefilter("ignore")  # one line of our own is what the user gets
            checkpoint = torch.load(source, map_location="cpu", weights_only=not trusted)
    except OSError as error:
        raise ConversionError(f"{source}: cannot be read ({error.strerror})") from None
    except Exception as error:  # a pickle can raise anything
        reason = str(error).split("\n")[0]
        hint = "" if trusted else "; trusted=True reads any pickle, only from someone you trust"
        raise ConversionError(f"{source}: cannot be read as a checkpoint "
                              f"({type(error).__name__}: {reason}){hint}") from None
    if not isinstance(checkpoint, dict) or "state_dict" not in checkpoint:
        raise ConversionError(f"{source}: not a Lightning checkpoint (no state_dict)")
    return checkpoint


def _arguments(checkpoint):
    """The training program's options as a dict, empty if the checkpoint does not hold them."""
    saved = checkpoint.get("hyper_parameters") or {}
    saved = saved.get("args", saved)
    return vars(saved) if isinstance(saved, argparse.Namespace) else dict(saved)


def _weights(checkpoint, which):
    """{name: array} of the network, without the prefix."""
    state = {name[len(_PREFIX):]: tensor for name, tensor in checkpoint["state_dict"].items()
             if name.startswith(_PREFIX)}
    if which == "ema":
        state.update(_averages(checkpoint, state))
    elif which != "raw":
        raise ConversionError(f"weights='{which}' is neither 'ema' nor 'raw'")
    return {name: np.asarray(tensor.detach().cpu().double().numpy())
            for name, tensor in state.items()}


def _averages(checkpoint, state):
    """The moving averages. They are a bare list in the order of the optimizer's two groups: weights
    of linear layers (which alone decay), then everything else, each sorted by name."""
    optimizers = checkpoint.get("optimizer_states") or [{}]
    if "ema" not in optimizers[0]:
        raise ConversionError("it holds no moving averages (optimizer_states[0]['ema']); "
                              "weights='raw' takes the last weights instead")
    names = [name for name in state if not name.endswith(_BUFFERS)]
    decaying = sorted(name for name in names if name.endswith(".weight") and ".norm." not in name)
    ordered = decaying + sorted(set(names) - set(decaying))
    averages = list(optimizers[0]["ema"])
    groups = [len(group["params"]) for group in optimizers[0]["opt"]["param_groups"]]
    if groups != [len(decaying), len(names) - len(decaying)] or len(averages) != len(names):
        raise ConversionError(f"its {len(averages)} moving averages in groups of {groups} do not fit "
                              f"its {len(names)} weights")
    for name, average in zip(ordered, averages):
        if average.shape != state[name].shape:
            raise ConversionError(f"the moving average of '{name}' has shape "
                                  f"{tuple(average.shape)}, the weight {tuple(state[name].shape)}")
    return dict(zip(ordered, averages))


def _degree(features, attributes):
    """d with attributes + attributes^2 + ... + attributes^d = features, or None."""
    total = 0
    for degree in range(1, 7):
        total += attributes ** degree
        if total == features:
            return degree
    return None


def _space(state, arguments, space):
    """The space and the number of attributes of its kernels."""
    attributes = {"R2": 1, "R3": 1, "R2xS1": 2, "R3xS2": 2, "R3xS2-point-cloud": 3}
    features = state["basis_fn.1.weight"].shape[1]
    if "fiber_basis_fn.1.weight" in state:
        found = "R2xS1" if space == "R2xS1" else "R3xS2"
    elif "num_ori" in arguments:
        found = "R3xS2-point-cloud" if arguments["num_ori"] < 0 else space or "R3"
    elif space is None and _degree(features, 3) is not None and _degree(features, 1) is not None:
        raise ConversionError("its shapes fit R3 and a point cloud of R3xS2. Say which as space=")
    else:
        found = space or ("R3" if _degree(features, 1) else "R3xS2-point-cloud")
    if found not in attributes or (space is not None and space != found):
        raise ConversionError(f"the space is {found}, not '{space}'")
    return found, attributes[found]


def _config(state, arguments, space):
    space, attributes = _space(state, arguments, space)
    hidden, features = state["basis_fn.1.weight"].shape
    degree = _degree(features, attributes)
    if degree is None:
        raise ConversionError(f"{features} features of its kernels are no monomials of "
                              f"{attributes} attributes")
    if "fiber_basis_fn.1.weight" in state and state["fiber_basis_fn.1.weight"].shape[1] != degree:
        raise ConversionError("kernels of space and of orientations differ in degree")
    layers = len({name.split(".")[1] for name in state if name.startswith("interaction_layers.")})
    readouts = len({name.split(".")[1] for name in state if name.startswith("read_out_layers.")})
    if readouts not in (1, layers):
        raise ConversionError(f"{readouts} readouts for {layers} layers")
    if state[f"read_out_layers.{layers - 1}.weight"].shape[0] != 1:
        raise ConversionError("it is no potential: it has more than one output")
    config = published_config({
        "hidden_dim": hidden,
        "basis_dim": state["basis_fn.3.weight"].shape[0],
        "degree": degree,
        "widening_factor": state["interaction_layers.0.linear_1.weight"].shape[0] // hidden,
        "num_layers": layers,
        "radius": _radius(state, arguments),
        "multiple_readouts": readouts == layers,
        "layer_scale": "interaction_layers.0.layer_scale" in state,
        "input_scalars": state["x_embedder.weight"].shape[1],
        "output_dim": 1,
        "task_level": "graph",
    }, space=space)
    if "windowing_fn.p" in state:
        power = float(state["windowing_fn.p"])
        if power != int(power):
            raise ConversionError(f"the power {power} of its window is not an integer")
        config["window_power"] = int(power)
    return config


def _radius(state, arguments):
    if "windowing_fn.r_max" in state:
        return float(state["windowing_fn.r_max"])
    radius = arguments.get("radius")
    return None if radius is None else float(radius)


def _potential(config, scale, shift, atomic_numbers, input_index):
    for name, value in (("scale", scale), ("shift", shift)):
        if not math.isfinite(value):
            raise ConversionError(f"{name} {value} is not finite")
    numbers = [int(z) for z in atomic_numbers]
    indices = numbers if input_index is None else [int(index) for index in input_index]
    if len(indices) != len(numbers) or len(set(numbers)) != len(numbers) or not numbers:
        raise ConversionError("atomic_numbers are empty or repeated, or do not fit input_index")
    for number, index in zip(numbers, indices):
        if not 0 <= index < config["input_scalars"]:
            raise ConversionError(f"element {number} has input {index}, but the model has "
                                  f"{config['input_scalars']} inputs")
    pairs = sorted(zip(numbers, indices))
    return {"scale": float(scale), "shift": float(shift),
            "atomic_numbers": [number for number, _ in pairs],
            "input_index": [index for _, index in pairs]}


def _grid(grid):
    if not isinstance(grid, (str, os.PathLike)):
        return grid
    try:
        with open(grid, encoding="utf-8") as file:
            text = file.read()
        return json.loads(text) if text.lstrip().startswith("[") else np.loadtxt(text.splitlines())
    except (OSError, ValueError) as error:
        raise ConversionError(f"{grid}: cannot be read as orientations ({error})") from None


def _check_grid(tensors, arguments):
    if "orientations" not in tensors:
        return
    points = tensors["orientations"]
    if not np.allclose(np.linalg.norm(points, axis=1), 1, rtol=0, atol=1e-5):
        raise ConversionError("the orientations given are not unit vectors")
    if arguments.get("num_ori", len(points)) != len(points):
        raise ConversionError(f"{len(points)} orientations given, but the model was trained with "
                              f"{arguments['num_ori']}")
