// SPDX-License-Identifier: MIT
#include "ErrorTable.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace equivariant::command {

namespace {

constexpr double milli = 1000; // meV in one eV

/// Root of the mean square, and mean absolute value, of errors that come one by one.
struct ErrorStatistics {
    std::size_t count = 0;
    double squares = 0, absolutes = 0;

    void add(double error) {
        count++;
        squares += error * error;
        absolutes += std::abs(error);
    }
    /// meV for eV; null if there were none.
    nlohmann::json rmse() const {
        return count ? nlohmann::json(milli * std::sqrt(squares / count)) : nlohmann::json();
    }
    nlohmann::json mae() const {
        return count ? nlohmann::json(milli * absolutes / count) : nlohmann::json();
    }
};

struct Statistics {
    ErrorStatistics energy, energyPerAtom, force;
    std::size_t frames = 0;

    void add(const Frame& frame, const Evaluation& evaluation) {
        frames++;
        if (frame.energy) {
            const double error = evaluation.energy - *frame.energy;
            energy.add(error);
            energyPerAtom.add(error / static_cast<double>(evaluation.atomEnergies.size()));
        }
        for (std::size_t i = 0; i < frame.forces.size(); i++)
            for (int d = 0; d < 3; d++)
                force.add(evaluation.forces[i][d] - frame.forces[i][d]);
    }

    nlohmann::json toJson() const {
        return {{"energy_rmse", energy.rmse()},
                {"energy_mae", energy.mae()},
                {"energy_rmse_per_atom", energyPerAtom.rmse()},
                {"energy_mae_per_atom", energyPerAtom.mae()},
                {"force_rmse", force.rmse()},
                {"force_mae", force.mae()},
                {"frames", frames}};
    }
};

std::string formatCell(const nlohmann::json& value) {
    char text[32] = "-";
    if (!value.is_null())
        std::snprintf(text, sizeof text, "%.3f", value.get<double>());
    return text;
}

void printRow(const std::string& name, const nlohmann::json& row) {
    std::printf("%-20s %7zu", name.c_str(), row["frames"].get<std::size_t>());
    for (const char* key : {"energy_rmse", "energy_mae", "energy_rmse_per_atom",
                            "energy_mae_per_atom", "force_rmse", "force_mae"})
        std::printf(" %10s", formatCell(row[key]).c_str());
    std::printf("\n");
}

} // namespace

nlohmann::json findErrors(const std::vector<Frame>& frames,
                          const std::vector<Evaluation>& evaluations) {
    Statistics all;
    std::map<std::string, Statistics> byType;
    for (std::size_t i = 0; i < frames.size(); i++) {
        all.add(frames[i], evaluations[i]);
        const std::string type = frames[i].getInfo("config_type");
        if (!type.empty())
            byType[type].add(frames[i], evaluations[i]);
    }
    nlohmann::json errors = all.toJson();
    for (const auto& [type, statistics] : byType)
        errors["config_types"][type] = statistics.toJson();
    return errors;
}

void printErrors(const nlohmann::json& errors) {
    std::printf("%-28s %21s %21s %21s\n", "", "energy, meV", "energy, meV/atom", "force, meV/Å ");
    std::printf("%-20s %7s %10s %10s %10s %10s %10s %10s\n", "config_type", "frames", "RMSE", "MAE",
                "RMSE", "MAE", "RMSE", "MAE");
    if (errors.contains("config_types"))
        for (const auto& item : errors["config_types"].items())
            printRow(item.key(), item.value());
    printRow("all", errors);
    std::fflush(stdout);
}

} // namespace equivariant::command
