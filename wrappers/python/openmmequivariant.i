// SPDX-License-Identifier: MIT
//
// The Python module: EquivariantForce and Model, in OpenMM's manner, and one evaluation without
// OpenMM. Docstrings are written here; openmmequivariant/__init__.pyi has the types.
%module(package="openmmequivariant", threads="1") openmmequivariant
%nothread; // only functions that evaluate or read a model let other threads run

%import(module="openmm") "openmm.i"
%include <std_string.i>
%include <std_shared_ptr.i>
%include <typemaps.i>

%{
#include "EquivariantForce.h"
#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include <OpenMM.h>

using namespace EquivariantPlugin;
using namespace OpenMM;
%}

%include "conversions.i"

%exception {
    try {
        $action
    } catch (const std::exception& error) {
        PyObject* module = PyImport_ImportModule("openmm");
        PyObject* type = module ? PyObject_GetAttrString(module, "OpenMMException") : nullptr;
        if (type)
            PyErr_SetString(type, error.what());
        Py_XDECREF(type);
        Py_XDECREF(module);
        SWIG_fail;
    }
}

%pythonbegin %{
import os

import openmm.unit as unit
%}

// ---- Model --------------------------------------------------------------------------------------

%shared_ptr(equivariant::Model)
%feature("docstring") equivariant::Model
"""An immutable potential: the checked content of a model file.

Models are shared: the same content read twice gives the same C++ object, and the copies of a force
cost nothing. Lengths are in Å and energies in eV.

Parameters
----------
path : str or os.PathLike
    A model file (``.safetensors``). The file is read at once and not needed afterwards.

Raises
------
openmm.OpenMMException
    One line that names the file and what is wrong with it.
"""
namespace equivariant {
%nodefaultctor Model;
class Model {
public:
    %pythoncode %{
        def __init__(self, path):
            self.this = _loadModel(os.fspath(path)).this

        @staticmethod
        def fromBytes(content, name="model"):
            """A model of the bytes of a model file; `name` stands for it in error messages."""
            return _modelFromBytes(bytes(content), name)

        def toBytes(self):
            """The bytes of the model file."""
            return self._getBytes()

        @property
        def hash(self):
            """128-bit content hash of the file (XXH3), 32 hexadecimal digits."""
            return self._getHash()

        @property
        def architecture(self):
            """'mace', 'gaunt-mace' or 'ponita'."""
            return self._getArchitecture()

        @property
        def atomicNumbers(self):
            """The elements that the model knows, ascending."""
            return self._getAtomicNumbers()

        @property
        def heads(self):
            """Names of the sets of readouts; the first is the default."""
            return self._getHeads()

        @property
        def cutoff(self):
            """Range of one layer in Å; infinite if all pairs of atoms are joined."""
            return self._getCutoff()

        @property
        def numLayers(self):
            """Number of message-passing layers."""
            return self._getNumLayers()

        @property
        def license(self):
            """Licence of the model as its file says."""
            return self._getText("license")

        @property
        def citation(self):
            """What to cite."""
            return self._getText("citation")

        @property
        def provenance(self):
            """Where the model comes from."""
            return self._getText("provenance")

        def getIsolatedAtomEnergy(self, atomicNumber, head=""):
            """Energy (eV) of an isolated atom, which the total energy contains."""
            return self._getIsolatedAtomEnergy(atomicNumber, head)

        def __reduce__(self):
            return Model.fromBytes, (self.toBytes(),)

        def __copy__(self):
            return self

        def __deepcopy__(self, memo):
            return self

        def __eq__(self, other):
            return isinstance(other, Model) and self.hash == other.hash

        def __hash__(self):
            return hash(self.hash)

        def __repr__(self):
            return (f"<Model {self.hash[:8]}: {self.architecture}, {self.numLayers} layers, "
                    f"{len(self.atomicNumbers)} elements, cutoff {self.cutoff:g} Å>")
    %}
    %rename(_getHash) getHash;
    %rename(_getArchitecture) getArchitecture;
    %rename(_getBytes) getBytes;
    const std::string& getBytes() const;
    const std::string& getHash() const;
    const std::string& getArchitecture() const;
    %extend {
        std::vector<int> _getAtomicNumbers() const { return $self->getInfo().atomicNumbers; }
        std::vector<std::string> _getHeads() const { return $self->getInfo().heads; }
        double _getCutoff() const { return $self->getInfo().cutoff; }
        int _getNumLayers() const { return $self->getInfo().numLayers; }
        std::string _getText(const std::string& key) const {
            const equivariant::ModelFile& file = $self->getFile();
            return key == "license" ? file.license
                                    : key == "citation" ? file.citation : file.provenance;
        }
        double _getIsolatedAtomEnergy(int atomicNumber, const std::string& head) const {
            return $self->getInfo().isolatedAtomEnergies($self->getHead(head),
                                                         $self->getSpecies(atomicNumber));
        }
    }
};
} // namespace equivariant

%rename(_loadModel) equivariantLoadModel;
%rename(_modelFromBytes) equivariantModelFromBytes;
%thread equivariantLoadModel;
%inline %{
std::shared_ptr<const equivariant::Model> equivariantLoadModel(const std::string& path) {
    return equivariant::Model::load(path);
}
std::shared_ptr<const equivariant::Model> equivariantModelFromBytes(const std::string& bytes,
                                                                   const std::string& name) {
    return equivariant::Model::fromBytes(bytes, name);
}
%}
%nothread equivariantLoadModel;

// ---- One evaluation; evaluator.py makes it pleasant ---------------------------------------------

%rename(_Evaluation) equivariant::Evaluation;
namespace equivariant {
%nodefaultctor Evaluation;
class Evaluation {
public:
    %extend {
        double getEnergy() const { return $self->energy; }
        double getInteractionEnergy() const { return $self->interactionEnergy; }
        std::vector<double> getAtomEnergies() const { return $self->atomEnergies; }
        std::vector<OpenMM::Vec3> getForces() const {
            std::vector<OpenMM::Vec3> forces;
            for (const Eigen::Vector3d& f : $self->forces)
                forces.emplace_back(f[0], f[1], f[2]);
            return forces;
        }
        std::vector<OpenMM::Vec3> getVirial() const {
            std::vector<OpenMM::Vec3> rows;
            for (int i = 0; i < 3; i++)
                rows.emplace_back($self->virial(i, 0), $self->virial(i, 1), $self->virial(i, 2));
            return rows;
        }
        int getNumEdges() const { return $self->numEdges; }
    }
};
} // namespace equivariant

%rename(_evaluate) equivariantEvaluate;
%thread equivariantEvaluate;
%inline %{
equivariant::Evaluation equivariantEvaluate(std::shared_ptr<const equivariant::Model> model,
                                            const std::vector<int>& numbers,
                                            const std::vector<double>& positions,
                                            const std::vector<double>& cell,
                                            const std::vector<int>& periodic,
                                            const std::string& head, bool computeForces) {
    equivariant::Structure structure;
    structure.atomicNumbers = numbers;
    for (std::size_t i = 0; i + 2 < positions.size(); i += 3)
        structure.positions.emplace_back(positions[i], positions[i + 1], positions[i + 2]);
    for (int i = 0; i < 3; i++) {
        structure.periodic[i] = periodic.at(i) != 0;
        for (int j = 0; j < 3; j++)
            structure.cell(i, j) = cell.at(3 * i + j);
    }
    return equivariant::ReferenceEvaluator(model).evaluate(structure, model->getHead(head),
                                                           computeForces);
}
%}
%nothread equivariantEvaluate;

// ---- EquivariantForce ---------------------------------------------------------------------------

%include "force.i"

%pythoncode %{
from . import plugins as _plugins
_plugins.load()
%}
