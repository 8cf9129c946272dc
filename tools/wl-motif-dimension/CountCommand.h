// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace equivariant::wl_motif_dimension {

void addCountCommand(CLI::App& app);

} // namespace equivariant::wl_motif_dimension
