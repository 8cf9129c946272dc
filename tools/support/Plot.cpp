// SPDX-License-Identifier: MIT
#include "Plot.h"

#include "equivariant/Error.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace equivariant::support {

namespace {

constexpr int width = 560, height = 420; // pixels of one plot

std::string quote(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? "''" : std::string(1, c == '\n' ? ' ' : c);
    return quoted + "'";
}

void writePlot(std::ostream& script, const Plot& plot, std::size_t index) {
    for (std::size_t s = 0; s < plot.series.size(); s++) {
        const Series& series = plot.series[s];
        script << "$data" << index << "_" << s << " << END\n";
        for (std::size_t i = 0; i < series.x.size(); i++)
            if (std::isfinite(series.x[i]) && std::isfinite(series.y.at(i)))
                script << series.x[i] << " " << series.y[i] << "\n";
        script << "END\n";
    }
    script << "set title " << quote(plot.title) << "\nset xlabel " << quote(plot.xLabel)
           << "\nset ylabel " << quote(plot.yLabel) << "\nunset logscale\n";
    if (plot.logX)
        script << "set logscale x\n";
    if (plot.logY)
        script << "set logscale y\n";
    script << "plot ";
    for (std::size_t s = 0; s < plot.series.size(); s++) {
        const Series& series = plot.series[s];
        script << (s ? ", " : "") << "$data" << index << "_" << s << " with "
               << (series.isLine ? "lines linewidth 2" : "points pointtype 7 pointsize 0.4")
               << " linetype " << s + 1 << " "
               << (series.title.empty() ? "notitle" : "title " + quote(series.title));
    }
    script << "\n";
}

/// @return the exit status
int runGnuplot(const std::string& script) {
    const char* program = "gnuplot";
    char* const arguments[] = {const_cast<char*>(program), const_cast<char*>(script.c_str()),
                               nullptr};
    pid_t process = 0;
    const int failure = posix_spawnp(&process, program, nullptr, nullptr, arguments, environ);
    if (failure)
        throw Error(std::string("plots need the program gnuplot, which cannot be started: ") +
                    std::strerror(failure));
    int status = 0;
    if (waitpid(process, &status, 0) < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/// A file that is there as long as this is.
struct TemporaryFile {
    explicit TemporaryFile(std::string path) : path(std::move(path)) {}
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    const std::string path;
};

} // namespace

void writePng(const std::string& path, const std::vector<Plot>& plots) {
    const std::string unfinished = path + ".part";
    const TemporaryFile file(path + ".gnuplot");
    std::ofstream script(file.path);
    script.precision(std::numeric_limits<double>::max_digits10);
    script << "set encoding utf8\nset terminal pngcairo noenhanced size "
           << width * static_cast<int>(plots.size()) << "," << height << "\nset output "
           << quote(unfinished) << "\nset grid\nset multiplot layout 1," << plots.size() << "\n";
    for (std::size_t i = 0; i < plots.size(); i++)
        writePlot(script, plots[i], i);
    script << "unset multiplot\nset output\n";
    script.close();
    const int status = script ? runGnuplot(file.path) : -1;
    std::error_code error;
    if (status == 0)
        std::filesystem::rename(unfinished, path, error);
    if (status != 0 || error)
        throw Error(path + ": the plot cannot be made");
}

} // namespace equivariant::support
