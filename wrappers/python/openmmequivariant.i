// SPDX-License-Identifier: MIT
//
// The Python module: EquivariantForce and Model, in OpenMM's manner, and evaluation without
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
#include "equivariant/Evaluator.h"
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

// ---- Evaluation on arrays; evaluator.py makes it pleasant ---------------------------------------

%rename(_Evaluation) equivariant::Evaluation;
namespace equivariant {
%nodefaultctor Evaluation;
class Evaluation {
public:
    %extend {
        double getEnergy() const { return $self->energy; }
        double getInteractionEnergy() const { return $self->interactionEnergy; }
        int getNumEdges() const { return $self->numEdges; }
        // Arrays are bytes of doubles, for numpy.frombuffer().
        PyObject* getAtomEnergies() const {
            return equivariantToBytes($self->atomEnergies.data(), $self->atomEnergies.size());
        }
        PyObject* getForces() const {
            static_assert(sizeof(Eigen::Vector3d) == 3 * sizeof(double), "no gaps");
            return equivariantToBytes($self->forces.empty() ? nullptr : $self->forces[0].data(),
                                      3 * $self->forces.size());
        }
        PyObject* getVirial() const {
            const Eigen::Matrix3d columns = $self->virial.transpose();
            return equivariantToBytes(columns.data(), 9);
        }
    }
};
} // namespace equivariant

%{
/// Structures in, results out.
class EquivariantBatch {
public:
    /// @param numbers, positions, cell  bytes of int32, double and double
    void add(const std::string& numbers, const std::string& positions, const std::string& cell,
             const std::vector<int>& periodic) {
        equivariant::Structure structure;
        structure.atomicNumbers.resize(numbers.size() / sizeof(int));
        numbers.copy(reinterpret_cast<char*>(structure.atomicNumbers.data()), numbers.size());
        structure.positions.resize(positions.size() / sizeof(Eigen::Vector3d));
        positions.copy(reinterpret_cast<char*>(structure.positions.data()), positions.size());
        Eigen::Matrix3d columns;
        cell.copy(reinterpret_cast<char*>(columns.data()), sizeof(columns));
        structure.cell = columns.transpose();
        for (int i = 0; i < 3; i++)
            structure.periodic[i] = periodic.at(i) != 0;
        structures.push_back(structure);
    }

    std::vector<equivariant::Structure> structures;
    std::vector<equivariant::Evaluation> results;
};

/// An evaluator with its threads.
class EquivariantEvaluator {
public:
    EquivariantEvaluator(std::shared_ptr<const equivariant::Model> model, bool singlePrecision,
                         bool exactRadial, int threads)
        : model(model), evaluator(model, getOptions(singlePrecision, exactRadial),
                                  equivariant::makeWorkers(threads)) {}

    void evaluateOne(EquivariantBatch& batch, const std::string& head, bool forces) {
        batch.results = {evaluator.evaluate(batch.structures.at(0), model->getHead(head), forces)};
    }

    void evaluateAll(EquivariantBatch& batch, const std::string& head, bool forces) {
        batch.results = evaluator.evaluate(batch.structures, model->getHead(head), forces);
    }

    int getNumNeighborRebuilds() const { return evaluator.getNumNeighborRebuilds(); }

private:
    static equivariant::EvaluatorOptions getOptions(bool singlePrecision, bool exactRadial) {
        equivariant::EvaluatorOptions options;
        options.precision =
            singlePrecision ? equivariant::Precision::Single : equivariant::Precision::Double;
        options.exactRadial = exactRadial;
        return options;
    }

    std::shared_ptr<const equivariant::Model> model;
    equivariant::Evaluator evaluator;
};
%}

%apply const std::string& bytes {
    const std::string& numbers, const std::string& positions, const std::string& cell
};
%rename(_Batch) EquivariantBatch;
%rename(_Evaluator) EquivariantEvaluator;
class EquivariantBatch {
public:
    void add(const std::string& numbers, const std::string& positions, const std::string& cell,
             const std::vector<int>& periodic);
    %extend {
        equivariant::Evaluation getResult(int index) const { return $self->results.at(index); }
    }
};

%thread;
class EquivariantEvaluator {
public:
    EquivariantEvaluator(std::shared_ptr<const equivariant::Model> model, bool singlePrecision,
                         bool exactRadial, int threads);
    ~EquivariantEvaluator();
    void evaluateOne(EquivariantBatch& batch, const std::string& head, bool forces);
    void evaluateAll(EquivariantBatch& batch, const std::string& head, bool forces);
    int getNumNeighborRebuilds() const;
};
%nothread;
%clear const std::string& numbers, const std::string& positions, const std::string& cell;

// ---- EquivariantForce ---------------------------------------------------------------------------

%include "force.i"

%pythoncode %{
from . import plugins as _plugins
_plugins.load()
%}
