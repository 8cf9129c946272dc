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
        Floating-point arrays are written as float64, integers as int64.
    license, citation, provenance : str
        Shown to users of the model; must say where it comes from.
    """
    arrays = {}
    for name, value in tensors.items():
        array = np.asarray(value)
        array = np.ascontiguousarray(
            array, dtype=np.int64 if array.dtype.kind in "iu" else np.float64)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ConversionError(f"{path}: tensor '{name}' has a value that is not finite")
        arrays[name] = array
    metadata = {
        "format": "openmm-equivariant",
        "version": "1",
        "architecture": architecture,
        "config": json.dumps(config, sort_keys=True),
        "license": license,
        "citation": citation,
        "provenance": provenance,
    }
    safetensors.numpy.save_file(arrays, path, metadata=metadata)
