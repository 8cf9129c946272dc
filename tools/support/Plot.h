// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace equivariant::support {

/// Points of one color. Points with a coordinate that is not finite are left out.
struct Series {
    std::string title;        ///< "": not in the legend
    std::vector<double> x, y; ///< of one length
    bool isLine = true;       ///< else points
};

struct Plot {
    std::string title, xLabel, yLabel;
    std::vector<Series> series;
    bool logX = false, logY = false;
};

/// Draws plots side by side with the program gnuplot. The file is written at once or not at all.
/// Throws Error if gnuplot is not there, or fails, or the file cannot be written.
void writePng(const std::string& path, const std::vector<Plot>& plots);

} // namespace equivariant::support
