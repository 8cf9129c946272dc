// SPDX-License-Identifier: MIT
//
// equivariant-tools probabilistic-world qubit | bell.
#include "Commands.h"
#include "TwoQubits.h"

#include "equivariant/Error.h"

#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

using Eigen::Index;
using nlohmann::json;

json toJson(const Eigen::MatrixXcd& matrix) {
    json rows = json::array();
    for (Index i = 0; i < matrix.rows(); i++) {
        rows.push_back(json::array());
        for (Index j = 0; j < matrix.cols(); j++)
            rows.back().push_back({matrix(i, j).real(), matrix(i, j).imag()});
    }
    return rows;
}

void runQubit(const Options& options) {
    if (options.means.size() != 3)
        throw Error("--init needs the means of three spins");
    VectorXd p = independentSpins({options.means[0], options.means[1], options.means[2]});
    Matrix2cd rho = densityMatrix(meanSpins(p));
    const double entropy = shannonEntropy(p);
    for (const std::string& name : options.gates) {
        const Gate& gate = findGate(name);
        p = moveStates(p, stateMap(gate.map));
        rho = gate.unitary * rho * gate.unitary.adjoint();
    }
    const Vector3d spins = meanSpins(p);
    finish({{"spins", toList(spins)},
            {"probabilities", toList(p)},
            {"rho", toJson(densityMatrix(spins))},
            {"largest_deviation_from_u_rho_u+", (densityMatrix(spins) - rho).cwiseAbs().maxCoeff()},
            {"quantum_condition", spins.squaredNorm() <= 1 + 1e-12},
            {"smallest_eigenvalue", (1 - spins.norm()) / 2},
            {"entropy", shannonEntropy(p)},
            {"entropy_before", entropy}},
           options);
}

Matrix4d readMeans(const Options& options) {
    if (options.input.empty()) {
        if (!(options.singlet >= 0 && options.singlet <= 1))
            throw Error("--singlet has to be 0 to 1");
        return pauliMeans(wernerState(options.singlet, options.angle * M_PI / 180));
    }
    const support::Matrix means = support::readMatrix(options.input);
    if (means.rows() != 4 || means.cols() != 4)
        throw Error(options.input + ": a table of 4 x 4 means is needed");
    for (Index mu = 0; mu < 4; mu++)
        for (Index nu = 0; nu < 4; nu++)
            if (std::abs(means(mu, nu)) > 1 + 1e-12)
                throw Error(options.input + ": row " + std::to_string(mu) + ", column " +
                            std::to_string(nu) + " is not within -1 to 1");
    return means;
}

void runBell(const Options& options) {
    const Matrix4d means = readMeans(options);
    const Joint joint = correlationMap(means);
    json report = {{"joint_exists", joint.exists},
                   {"largest_visibility", joint.visibility},
                   {"largest_chsh", largestChsh(means)},
                   {"smallest_eigenvalue", smallestEigenvalue(means)},
                   {"average_spins", toList(averageSpins(means))}};
    if (joint.exists)
        report["probabilities"] = toList(joint.probabilities);
    else
        report["inequality"] = {{"coefficients", toList(joint.coefficients)},
                                {"bound", joint.bound},
                                {"value", joint.value}};
    finish(report, options);
}

} // namespace

void addQubitCommands(CLI::App& app, const std::shared_ptr<Options>& options) {
    CLI::App* qubit = addCommand(app, options, "qubit", "Gates on three spins", runQubit);
    qubit->add_option("--gates", options->gates, "I, X, Y, Z, H, S, SDG")->delimiter(',');
    qubit->add_option("--init", options->means, "means of the spins")->required()->delimiter(',');

    CLI::App* bell = addCommand(app, options, "bell",
                                "Whether two qubits have a joint distribution of 6 bits", runBell);
    CLI::Option* means =
        bell->add_option("--means", options->input, "4 x 4 means of pairs of Pauli matrices");
    bell->add_option("--singlet", options->singlet, "instead: a singlet of this visibility")
        ->excludes(means);
    bell->add_option("--angle", options->angle, "degrees by which its second party is turned")
        ->excludes(means);
}

} // namespace equivariant::probabilistic_world
