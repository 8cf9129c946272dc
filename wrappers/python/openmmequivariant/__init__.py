# SPDX-License-Identifier: MIT
"""Equivariant machine-learned potentials (MACE, Gaunt-MACE, PONITA) for OpenMM.

EquivariantForce adds such a potential to a System; Evaluator evaluates it on NumPy arrays without
OpenMM; openmmequivariant.ase has a calculator for ASE, openmmequivariant.convert makes model files.

Names are imported when they are first used, so that openmm-ml, which imports all its potentials at
once, and the converters need neither the compiled module nor OpenMM.
"""
import importlib
import importlib.metadata

_MODULES = {
    "EquivariantForce": "openmmequivariant",
    "Model": "openmmequivariant",
    "Evaluation": "evaluator",
    "Evaluator": "evaluator",
    "pluginLoadFailures": "plugins",
    "supportedPlatforms": "plugins",
}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name == "__version__":
        return importlib.metadata.version("openmm-equivariant")
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return [*globals(), *__all__, "__version__"]
