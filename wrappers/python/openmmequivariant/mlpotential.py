# SPDX-License-Identifier: MIT
"""The potential 'equivariant' of openmm-ml.

openmm-ml imports this module whenever it is imported itself, so nothing heavy is imported here and
nothing may raise.
"""
from openmmml.mlpotential import MLPotentialImpl, MLPotentialImplFactory

ENERGY_TYPES = {"interaction_energy": 0, "energy": 1}
# Arguments of createMixedSystem() that are the embedding's and reach every potential.
EMBEDDING_ARGUMENTS = {"linkAtomDistances"}


class EquivariantPotentialImplFactory(MLPotentialImplFactory):
    """Makes the implementation of MLPotential('equivariant', modelPath=...)."""

    def createImpl(self, name, modelPath=None, **args):
        """See EquivariantPotentialImpl; `args` have to be empty."""
        if modelPath is None:
            raise ValueError("MLPotential('equivariant', modelPath=...) needs a model file")
        _refuse(args, "MLPotential('equivariant', ...)")
        return EquivariantPotentialImpl(name, modelPath)


class EquivariantPotentialImpl(MLPotentialImpl):
    """A MACE, Gaunt-MACE or PONITA model as a potential of openmm-ml.

    >>> potential = MLPotential('equivariant', modelPath='model.safetensors')
    >>> system = potential.createSystem(topology)
    >>> mixed = potential.createMixedSystem(topology, mmSystem, atoms, interpolate=True)

    Parameters
    ----------
    name : str
        'equivariant'
    modelPath : str, os.PathLike or Model
        The model file, which is read now.
    """

    def __init__(self, name, modelPath):
        from . import Model
        self.name = name
        self.model = modelPath if isinstance(modelPath, Model) else Model(modelPath)

    def addForces(self, topology, system, atoms, forceGroup, precision=None,
                  returnEnergyType="interaction_energy", head="", charge=0, multiplicity=1, **args):
        """Adds the force; createSystem() and createMixedSystem() call it with their arguments.

        Parameters
        ----------
        topology, system, atoms, forceGroup
            See openmmml.mlpotential.MLPotentialImpl.
        precision : None
            A property of the platform, here as in all of OpenMM.
        returnEnergyType : {'interaction_energy', 'energy'}
            Without or with the energies of isolated atoms.
        head : str
            Set of readouts of a model that has several; '' is the first.
        charge, multiplicity
            The models know neither, so that only 0 and 1 are accepted.
        """
        from . import EquivariantForce
        if precision is not None:
            raise ValueError("precision: choose it with the platform, for instance "
                             "Context(system, integrator, platform, {'Precision': 'single'})")
        if returnEnergyType not in ENERGY_TYPES:
            raise ValueError(f"returnEnergyType '{returnEnergyType}' is none of "
                             f"{', '.join(ENERGY_TYPES)}")
        if charge not in (None, 0) or multiplicity not in (None, 1):
            raise ValueError("charge and multiplicity are not inputs of this model")
        _refuse({key: args[key] for key in args if key not in EMBEDDING_ARGUMENTS},
                "the potential 'equivariant'")
        force = EquivariantForce.fromTopology(topology, self.model, atoms)
        force.setUsesPeriodicBoundaryConditions(topology.getPeriodicBoxVectors() is not None
                                                or system.usesPeriodicBoundaryConditions())
        force.setEnergyType(ENERGY_TYPES[returnEnergyType])
        force.setHead(head)
        force.setForceGroup(forceGroup)
        system.addForce(force)

    def getMLLongRange(self):
        """False: energies depend on neighbours only."""
        return False


def _refuse(arguments, where):
    if arguments:
        raise TypeError(f"{where} does not know the argument "
                        + ", ".join(f"'{name}'" for name in arguments))
