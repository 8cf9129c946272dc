// SPDX-License-Identifier: MIT
#include "Experiments.h"
#include "ExtendedXyz.h"
#include "TesterLearner.h"

#include <array>
#include <cmath>

namespace equivariant::halfspace_tester_learner {

namespace {

/// Aromatic C-H bonds of 3BPA: does the force on H pull it outwards? By the length of the bond and
/// those of the two ring bonds beside it.
struct Bonds {
    Matrix x;
    VectorXd y;
};

Bonds readBonds(const std::string& path) {
    std::vector<std::array<double, 4>> rows;
    for (const command::Frame& frame : command::readExtendedXyz(path)) {
        const auto& positions = frame.structure.positions;
        const auto& numbers = frame.structure.atomicNumbers;
        for (std::size_t c = 0; c < positions.size(); c++) {
            std::vector<std::size_t> heavy, hydrogen;
            for (std::size_t k = 0; k < positions.size(); k++) {
                const double distance = (positions[k] - positions[c]).norm();
                if (k != c && numbers[c] == 6 && distance < (numbers[k] == 1 ? 1.3 : 1.8))
                    (numbers[k] == 1 ? hydrogen : heavy).push_back(k);
            }
            if (heavy.size() != 2 || hydrogen.size() != 1)
                continue;
            const Eigen::Vector3d bond = positions[hydrogen[0]] - positions[c];
            const double a = (positions[heavy[0]] - positions[c]).norm();
            const double b = (positions[heavy[1]] - positions[c]).norm();
            rows.push_back(
                {bond.norm(), a, b, frame.forces[hydrogen[0]].dot(bond) > 0 ? 1.0 : -1.0});
        }
    }
    Bonds bonds{Matrix(Index(rows.size()), 3), VectorXd(Index(rows.size()))};
    for (std::size_t i = 0; i < rows.size(); i++) {
        bonds.x.row(Index(i)) << rows[i][0], rows[i][1], rows[i][2];
        bonds.y[Index(i)] = rows[i][3];
    }
    return bonds;
}

} // namespace

void reproduceMolecule(support::Reproduction& run) {
    const std::string claim = "aromatic C-H bonds of 3BPA: error of 'the force pulls outwards'";
    const auto path = run.data("3bpa/train_300K.xyz", claim);
    if (!path)
        return;
    Bonds bonds = readBonds(*path);
    bonds.x = whiten(bonds.x).apply(bonds.x);
    Options options;
    options.noise = Noise::Adversarial;
    const Outcome outcome = testAndLearn(bonds.x, bonds.y, options);
    run.report("aromatic C-H bonds of 3BPA: points", double(bonds.x.rows()));
    run.report(claim, outcome.error);
    run.report("aromatic C-H bonds of 3BPA: 1 accepted, 0 rejected or too few points",
               outcome.status == Status::Accepted);
}

} // namespace equivariant::halfspace_tester_learner
