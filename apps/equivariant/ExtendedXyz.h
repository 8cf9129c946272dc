// SPDX-License-Identifier: MIT
//
// Extended XYZ as ASE reads and writes it: a line with the number of atoms, a line of key=value
// pairs (Lattice, Properties, pbc, labels, whatever else), a line an atom. A plain XYZ file is one
// whose second line says none of this.
#pragma once

#include "equivariant/Structure.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equivariant::command {

/// One structure of a file with what is known about it; eV and Å.
struct Frame {
    Structure structure;
    std::optional<double> energy;          ///< eV
    std::optional<Eigen::Matrix3d> stress; ///< eV/Å³, symmetric
    std::vector<Eigen::Vector3d> forces;   ///< [atoms], eV/Å, or empty
    std::vector<double> atomEnergies;      ///< [atoms], eV, or empty; column "energies"
    /// The other pairs of the second line in their order; the value of a bare key is "T".
    std::vector<std::pair<std::string, std::string>> info;

    /// The value of a key of `info`, or "".
    std::string getInfo(const std::string& key) const;
};

/// The names under which a file keeps its labels.
struct LabelKeys {
    std::string energy = "energy";
    std::string forces = "forces";
    std::string stress = "stress";
};

/// Reads all frames of a file. Throws Error naming file, frame and line (both counted from 1) for
/// whatever is not a complete frame of known elements and finite numbers.
std::vector<Frame> readExtendedXyz(const std::string& path, const LabelKeys& keys = {});

/// The same for the content of a file; `name` stands for it in error messages.
std::vector<Frame> parseExtendedXyz(std::string_view text, const std::string& name,
                                    const LabelKeys& keys = {});

/// The text of one frame. Numbers have as many digits as reading them back exactly needs.
std::string formatExtendedXyz(const Frame& frame);

} // namespace equivariant::command
