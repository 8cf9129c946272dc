// SPDX-License-Identifier: MIT
//
// Eigen's singular values and QR of MatrixXd, compiled once: a file that compiles them itself takes
// the compiler up to a minute.
#pragma once

#include <Eigen/QR>
#include <Eigen/SVD>

namespace Eigen {

extern template class BDCSVD<MatrixXd>;
extern template class JacobiSVD<MatrixXd>;
extern template class ColPivHouseholderQR<MatrixXd>;
extern template class HouseholderQR<MatrixXd>;

} // namespace Eigen
