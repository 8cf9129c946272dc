# SPDX-License-Identifier: MIT
"""Molecular dynamics that collects structures, with ASE and whatever calculator they have."""
import numpy as np
from ase import units
from ase.md.langevin import Langevin

FRICTION = 0.02 / units.fs  # strong: structures are wanted, not their time correlation


def langevin(atoms, temperature, timestep, steps, random):
    """Move atoms from velocities of a temperature; yields the number of steps done, first 0.

    Parameters
    ----------
    atoms : ase.Atoms
        Changed in place; its calculator has been called for the positions at each yield.
    temperature : float
        K
    timestep : float
        fs
    random : numpy.random.Generator
    """
    widths = np.sqrt(atoms.get_masses() * units.kB * temperature)
    atoms.set_momenta(widths[:, None] * random.normal(size=(len(atoms), 3)))
    dynamics = Langevin(atoms, timestep * units.fs, temperature_K=temperature, friction=FRICTION,
                        fixcm=False, rng=random)
    for _ in dynamics.irun(steps):
        yield dynamics.nsteps
