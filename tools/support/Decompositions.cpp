// SPDX-License-Identifier: MIT
#include "Decompositions.h"

namespace Eigen {

template class BDCSVD<MatrixXd>;
template class JacobiSVD<MatrixXd>;
template class ColPivHouseholderQR<MatrixXd>;
template class HouseholderQR<MatrixXd>;

} // namespace Eigen
