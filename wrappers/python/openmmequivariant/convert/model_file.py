# SPDX-License-Identifier: MIT
"""Writes the project's model file (docs/model-file.md) from NumPy arrays."""
import json

import numpy as np
import safetensors.numpy


class ConversionError(Exception):
    """A source model that cannot be converted; the message says which part and why."""


def write_model_file(path, *, architecture, config, tensors, license, citation, provenance):
    """Write one model file.

    Parameters
    ----------
    path : str
        File to write.
    architecture : {'mace', 'gaunt-mace', 'ponita'}
    config : dict
        Sizes and switches, written as JSON.
    tensors : dict of str to array_like
        Integers are written as int64 (int32 where they fit); floating-point arrays as float64, or
        as float32 where that loses nothing.
    license, citation, provenance : str
        Shown to users of the model; must say where it comes from.
    """
    arrays = {name: _compact(np.asarray(value), f"{path}: tensor '{name}'")
              for name, value in tensors.items()}
    metadata = {
        "format": "openmm-equivariant",
        "version": "1",
        "architecture": architecture,
        "config": json.dumps(config, sort_keys=True),
        "license": license,
        "citation": citation,
        "provenance": provenance,
    }
    with open(path, "wb") as file:
        file.write(safetensors.numpy.save(arrays, metadata=metadata))


def _compact(array, label):
    """The array in the smallest type of the format that holds it exactly."""
    wide, narrow = (np.int64, np.int32) if array.dtype.kind in "iu" else (np.float64, np.float32)
    array = np.ascontiguousarray(array, dtype=wide)
    if not np.isfinite(array).all():
        raise ConversionError(f"{label} has a value that is not finite")
    with np.errstate(over="ignore"):
        small = array.astype(narrow)
    return small if np.array_equal(small, array) else array
