// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Mace.h"
#include "equivariant/ModelFile.h"
#include "equivariant/Ponita.h"

#include <memory>
#include <string>
#include <variant>

namespace equivariant {

/// An immutable potential: what a model file says, checked, and the file itself.
///
/// Models are shared: loading the same content twice in one process gives the same object, so that
/// copies of a force cost nothing. All functions may be called from several threads.
class Model {
public:
    using Parameters = std::variant<MaceParameters, PonitaParameters>;

    /// Reads a model file. Throws Error naming the file and what is wrong.
    static std::shared_ptr<const Model> load(const std::string& path);

    /// Makes a model of the bytes of a model file; `name` stands for it in error messages.
    static std::shared_ptr<const Model> fromBytes(const std::string& bytes,
                                                  const std::string& name);

    /// The model already in this process whose content has this hash, or null.
    static std::shared_ptr<const Model> find(const std::string& hash);

    const std::string& getBytes() const { return bytes; }
    /// 128-bit content hash (XXH3) of the bytes, 32 hexadecimal digits.
    const std::string& getHash() const { return hash; }
    const ModelFile& getFile() const { return file; }
    const std::string& getArchitecture() const { return file.architecture; }
    const Parameters& getParameters() const { return parameters; }

    /// What every architecture has: elements, heads, cutoff, isolated-atom energies.
    const PotentialInfo& getInfo() const;

    /// Index of an element in the model's list. Throws Error naming the element if it is not there.
    int getSpecies(int atomicNumber) const;

    /// Index of a head. The empty name means the only head, or the first of several. Throws Error
    /// naming the heads there are.
    int getHead(const std::string& name) const;

private:
    Model(std::string bytes, std::string hash, ModelFile file, Parameters parameters);

    std::string bytes, hash;
    ModelFile file;
    Parameters parameters;
};

} // namespace equivariant
