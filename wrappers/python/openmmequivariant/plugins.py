# SPDX-License-Identifier: MIT
"""Which platforms of OpenMM have a kernel for the force, and why others do not."""
import pathlib

import openmm

KERNEL = "CalcEquivariantForce"
_failures = []  # of load()


def supportedPlatforms():
    """Names of OpenMM's platforms that have a kernel for EquivariantForce."""
    platforms = (openmm.Platform.getPlatform(i) for i in range(openmm.Platform.getNumPlatforms()))
    return [platform.getName() for platform in platforms if platform.supportsKernels([KERNEL])]


def pluginLoadFailures():
    """Why kernels are missing: one line for each of our plugins that did not load.

    A Context on a platform that supportedPlatforms() does not name fails with "Specified a Platform
    for a Context which does not support all required kernels".
    """
    failures = _failures + [line for line in openmm.Platform.getPluginLoadFailures()
                            if "Equivariant" in line]
    if not supportedPlatforms() and not failures:
        failures.append(f"No plugin of openmm-equivariant was found in {pluginDirectory()}; "
                        "please install openmm-equivariant again.")
    return failures


def pluginDirectory():
    """The folder of OpenMM's plugins, where ours are installed, too."""
    return pathlib.Path(openmm.version.openmm_library_path) / "plugins"


def load():
    """Loads our plugins if OpenMM has not, because OPENMM_PLUGIN_DIR names another folder."""
    if not supportedPlatforms():
        for library in sorted(pluginDirectory().glob("libOpenMMEquivariant*")):
            try:
                openmm.Platform.loadPluginLibrary(str(library))
            except openmm.OpenMMException as error:  # a platform that is not there
                _failures.append(str(error))
