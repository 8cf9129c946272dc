# SPDX-License-Identifier: MIT
"""Converters from other programs' models to the project's model file."""
from .mace_json import convert_mace_json
from .model_file import ConversionError
from .ponita_json import convert_ponita_json

__all__ = ["ConversionError", "convert_mace_json", "convert_ponita_json"]
