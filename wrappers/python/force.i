// SPDX-License-Identifier: MIT
//
// EquivariantForce for Python.

%apply int& OUTPUT { int& particle, int& atomicNumber, int& particle1, int& particle2 };

%feature("docstring") EquivariantPlugin::EquivariantForce
"""The energy of an equivariant potential of some or all particles of a System.

Parameters
----------
model : Model, str or os.PathLike
    The potential, or a model file, which is read at once and not needed afterwards.
"""
%feature("docstring") EquivariantPlugin::EquivariantForce::EquivariantForce
"""EquivariantForce(model): see the class."""
%pythonprepend EquivariantPlugin::EquivariantForce::EquivariantForce %{
        if not isinstance(model, Model):
            model = Model(model)
%}
%feature("docstring") EquivariantPlugin::EquivariantForce::getModelPtr
"""The potential, a Model."""
%feature("docstring") EquivariantPlugin::EquivariantForce::addParticle
"""Adds a particle of the System to the atoms that the potential sees.

Any order will do; a particle may be added once.

Parameters
----------
particle : int
    index of the particle in the System
atomicNumber : int
    its element, one that the model knows

Returns
-------
int
    the index of the atom, which counts the calls
"""
%feature("docstring") EquivariantPlugin::EquivariantForce::getNumParticles
"""The number of atoms that the potential sees."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getParticleParameters
"""The particle's index in the System and its atomic number.

Parameters
----------
index : int
    index of the atom, as addParticle() returned it
"""
%feature("docstring") EquivariantPlugin::EquivariantForce::setParticleParameters
"""Changes an atom. updateParametersInContext() passes on a new atomic number, not a new particle.

Parameters
----------
index : int
    index of the atom, as addParticle() returned it
particle : int
    index of the particle in the System
atomicNumber : int
    its element
"""
%feature("docstring") EquivariantPlugin::EquivariantForce::addBond
"""Says that two particles belong to one molecule.

The energy does not depend on it; barostats move a molecule as a whole. The particles of a force
that is not periodic always count as one molecule.

Parameters
----------
particle1, particle2 : int
    indices of the particles in the System

Returns
-------
int
    the index of the bond
"""
%feature("docstring") EquivariantPlugin::EquivariantForce::getNumBonds
"""The number of bonds that addBond() added."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getBondParameters
"""The indices in the System of the two particles of a bond."""
%feature("docstring") EquivariantPlugin::EquivariantForce::setUsesPeriodicBoundaryConditions
"""Sets whether atoms see the periodic images of others (and of themselves). The default is no."""
%feature("docstring") EquivariantPlugin::EquivariantForce::usesPeriodicBoundaryConditions
"""Whether atoms see periodic images."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getHead
"""Which of the model's sets of readouts is used; '' means the first."""
%feature("docstring") EquivariantPlugin::EquivariantForce::setHead
"""Chooses one of the model's sets of readouts (Model.heads); '' means the first."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getEnergyType
"""InteractionEnergy (the default) or TotalEnergy."""
%feature("docstring") EquivariantPlugin::EquivariantForce::setEnergyType
"""InteractionEnergy (the default): without the energies of isolated atoms. TotalEnergy: with them,
a large constant that costs digits in single precision."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getScaleParameter
"""The name of the global parameter that multiplies the energy; '' means none."""
%feature("docstring") EquivariantPlugin::EquivariantForce::setScaleParameter
"""Names a global parameter of the Context that multiplies the energy; '' (the default): none."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getDefaultScale
"""The value that the scale parameter has in a new Context."""
%feature("docstring") EquivariantPlugin::EquivariantForce::setDefaultScale
"""Sets the value that the scale parameter has in a new Context (default 1)."""
%feature("docstring") EquivariantPlugin::EquivariantForce::addEnergyParameterDerivative
"""Asks for the derivative of the energy with respect to the scale parameter, by its name."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getNumEnergyParameterDerivatives
"""The number of derivatives that are computed."""
%feature("docstring") EquivariantPlugin::EquivariantForce::getEnergyParameterDerivativeName
"""The name of the parameter of a derivative."""
%feature("docstring") EquivariantPlugin::EquivariantForce::updateParametersInContext
"""Copies atomic numbers, head and energy type to a Context.

Raises OpenMMException if anything else about the force was changed since the Context was made:
reinitialize the Context for that.
"""
%rename(_getAtomEnergies) EquivariantPlugin::EquivariantForce::getAtomEnergies;
%rename(_getVirial) EquivariantPlugin::EquivariantForce::getVirial;
%rename(getModel) EquivariantPlugin::EquivariantForce::getModelPtr;

// Reached from forces that come back from OpenMM as plain openmm.Force.
%inline %{
bool _isEquivariantForce(OpenMM::Force* force) {
    return dynamic_cast<EquivariantPlugin::EquivariantForce*>(force) != nullptr;
}
%}

namespace EquivariantPlugin {
%thread EquivariantForce::getAtomEnergies;
%thread EquivariantForce::getVirial;
%thread EquivariantForce::updateParametersInContext;

class EquivariantForce : public OpenMM::Force {
public:
    enum EnergyType { InteractionEnergy = 0, TotalEnergy = 1 };
    explicit EquivariantForce(std::shared_ptr<const equivariant::Model> model);
    std::shared_ptr<const equivariant::Model> getModelPtr() const;
    int addParticle(int particle, int atomicNumber);
    int getNumParticles() const;
    void getParticleParameters(int index, int& particle, int& atomicNumber) const;
    %clear int& particle, int& atomicNumber;
    void setParticleParameters(int index, int particle, int atomicNumber);
    int addBond(int particle1, int particle2);
    int getNumBonds() const;
    void getBondParameters(int index, int& particle1, int& particle2) const;
    void setUsesPeriodicBoundaryConditions(bool periodic);
    bool usesPeriodicBoundaryConditions() const;
    const std::string& getHead() const;
    void setHead(const std::string& name);
    EnergyType getEnergyType() const;
    void setEnergyType(EnergyType type);
    const std::string& getScaleParameter() const;
    void setScaleParameter(const std::string& name);
    double getDefaultScale() const;
    void setDefaultScale(double scale);
    void addEnergyParameterDerivative(const std::string& name);
    int getNumEnergyParameterDerivatives() const;
    const std::string& getEnergyParameterDerivativeName(int index) const;
    void updateParametersInContext(OpenMM::Context& context);
    std::vector<double> getAtomEnergies(OpenMM::Context& context);
    std::vector<OpenMM::Vec3> getVirial(OpenMM::Context& context);
    %extend {
        static EquivariantPlugin::EquivariantForce* _cast(OpenMM::Force* force) {
            return dynamic_cast<EquivariantPlugin::EquivariantForce*>(force);
        }
    }
    %pythoncode %{
        def getAtomEnergies(self, context, asNumpy=False):
            """Energies of the atoms at the Context's present positions, a Quantity in kJ/mol.

            In the order of addParticle(). They sum to the energy before scaling, with the energies
            of isolated atoms if the energy type has them.
            """
            return unit.Quantity(_array(self._getAtomEnergies(context), asNumpy),
                                 unit.kilojoules_per_mole)

        def getVirial(self, context, asNumpy=False):
            """The virial at the Context's present positions, a Quantity in kJ/mol.

            Three rows of W = -dE/d(strain), symmetrised, before scaling. Its trace over three
            volumes is the potential's part of the pressure.
            """
            return unit.Quantity(_array(self._getVirial(context), asNumpy),
                                 unit.kilojoules_per_mole)

        @staticmethod
        def fromTopology(topology, model, atoms=None):
            """A force on the atoms of a Topology: elements, bonds, periodicity.

            Parameters
            ----------
            topology : openmm.app.Topology
                The force is periodic if it has box vectors. Bonds between atoms of the force
                become molecules of barostats.
            model : Model, str or os.PathLike
            atoms : iterable of int, optional
                Which atoms the potential sees; by default all that have an element, so that extra
                particles are left out.
            """
            force = EquivariantForce(model)
            elements = [atom.element for atom in topology.atoms()]
            if atoms is None:
                atoms = [i for i, element in enumerate(elements) if element is not None]
            atoms = [int(atom) for atom in atoms]
            for atom in atoms:
                if not 0 <= atom < len(elements):
                    raise ValueError(f"atom {atom} is not in the topology, which has "
                                     f"{len(elements)} atoms")
                if elements[atom] is None:
                    raise ValueError(f"atom {atom} of the topology has no element")
                force.addParticle(atom, elements[atom].atomic_number)
            chosen = set(atoms)
            for bond in topology.bonds():
                if bond[0].index in chosen and bond[1].index in chosen:
                    force.addBond(bond[0].index, bond[1].index)
            force.setUsesPeriodicBoundaryConditions(topology.getPeriodicBoxVectors() is not None)
            return force

        @staticmethod
        def isinstance(force):
            """Whether an openmm.Force, such as System.getForce() returns, is an EquivariantForce."""
            return _isEquivariantForce(force)

        @staticmethod
        def cast(force):
            """The EquivariantForce that an openmm.Force is; raises TypeError if it is none.

            OpenMM returns forces of plugins as plain openmm.Force. The result is the same object,
            not a copy.
            """
            if not _isEquivariantForce(force):
                raise TypeError(f"the force '{force.getName()}' is not an EquivariantForce")
            result = EquivariantForce._cast(force)
            if force.thisown:  # both share one handle from now on, hence one owner
                force.thisown = False
                result.thisown = True
                force.this = result.this
            return result

        def __copy__(self):
            from openmm import XmlSerializer
            return EquivariantForce.cast(XmlSerializer.clone(self))

        def __setstate__(self, state):
            from openmm import XmlSerializer
            self.this = EquivariantForce.cast(XmlSerializer.deserialize(state)).this
    %}
};
} // namespace EquivariantPlugin

%pythoncode %{
def _array(values, asNumpy):
    if not asNumpy:
        return values
    import numpy
    return numpy.array(values, dtype=float)
%}
