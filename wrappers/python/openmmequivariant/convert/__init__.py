# SPDX-License-Identifier: MIT
"""Converters from other programs' models to the project's model file.

Each is imported when it is first used: none but the readers of checkpoints needs PyTorch.
"""
import importlib

_MODULES = {
    "ConversionError": "model_file",
    "convert_mace": "mace",
    "convert_mace_json": "mace_json",
    "convert_ponita": "ponita",
    "convert_ponita_json": "ponita_json",
}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
