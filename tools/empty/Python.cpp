// SPDX-License-Identifier: MIT
//
// The Python module openmmequivariant.tools.empty.
#include "Empty.h"

#include "support/PythonModule.h"

using namespace equivariant::empty;
using namespace equivariant::support;

NB_MODULE(empty, m) {
    translateErrors();
    m.def("sum", sum, "matrix"_a, "Sum of the entries.");
}
