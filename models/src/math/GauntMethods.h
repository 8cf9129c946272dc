// SPDX-License-Identifier: MIT
//
// The three evaluators of GauntTensorProduct.
#pragma once

#include "equivariant/GauntProduct.h"

namespace equivariant {

std::shared_ptr<const GauntTensorProduct::Map> makeSparseGaunt(int lMax1, int lMax2, int lMaxOut,
                                                               GauntParity parity);
std::shared_ptr<const GauntTensorProduct::Map> makeGridGaunt(int lMax1, int lMax2, int lMaxOut,
                                                             GauntParity parity);
std::shared_ptr<const GauntTensorProduct::Map> makeFourierGaunt(int lMax1, int lMax2, int lMaxOut);

} // namespace equivariant
