// SPDX-License-Identifier: MIT
#include "Empty.h"

#include "support/Reproduction.h"

namespace equivariant::empty {

void reproduce(support::Reproduction& run) {
    run.within("sum of ones", sum(support::Matrix::Ones(2, 3)), 6, 6);
}

} // namespace equivariant::empty
