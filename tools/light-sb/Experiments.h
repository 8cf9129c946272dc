// SPDX-License-Identifier: MIT
//
// The experiments of "reproduce", by file.
#pragma once

#include "BridgeFit.h"

#include "support/Reproduction.h"

namespace equivariant::light_sb {

/// Plans that are known: scores of fits, drift, differential equation (ReproducePlans.cpp).
void reproduceKnownPlans(support::Reproduction& run);
void reproduceRing(support::Reproduction& run);

/// Two ensembles of conformations (Reproduce3bpa.cpp).
void reproduceConformations(support::Reproduction& run);

/// Several fits side by side.
std::vector<Fit> fitAll(const Matrix& x, const Matrix& y, const std::vector<FitOptions>& options);

/// Independent standard normal coordinates.
Matrix normalPoints(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed);

} // namespace equivariant::light_sb
