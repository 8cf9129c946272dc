// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace equivariant {

/// Points and weights that integrate polynomials on the unit sphere exactly up to a degree.
struct SphereQuadrature {
    Eigen::Matrix<double, Eigen::Dynamic, 3> points;
    Eigen::VectorXd weights; ///< sum to 4 pi
    int exactDegree = 0;
};

/// Gauss-Legendre latitudes times uniform longitudes: exactDegree/2+1 times exactDegree+1 points,
/// with polar axis y.
SphereQuadrature productGrid(int exactDegree);

/// The smallest of Lebedev's rules of 6 to 590 points that is exact to at least this degree (V. I.
/// Lebedev, Zh. vychisl. Mat. mat. Fiz. 16, 293 (1976); the octahedral orbits were recomputed, see
/// src/math/LebedevOrbits.h). Throws Error above degree 41.
SphereQuadrature lebedev(int exactDegree);

} // namespace equivariant
