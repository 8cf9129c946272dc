# SPDX-License-Identifier: MIT
from .evaluator import Evaluation as Evaluation, Evaluator as Evaluator
from .openmmequivariant import EquivariantForce as EquivariantForce, Model as Model
from .plugins import (
    pluginLoadFailures as pluginLoadFailures,
    supportedPlatforms as supportedPlatforms,
)

__version__: str
