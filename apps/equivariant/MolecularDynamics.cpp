// SPDX-License-Identifier: MIT
#include "MolecularDynamics.h"

#include "Elements.h"
#include "OpenMMBox.h"
#include "Platforms.h"
#include "ProgressBar.h"
#include "Trajectory.h"

#include "EquivariantForce.h"
#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <openmm/CMMotionRemover.h>
#include <openmm/Context.h>
#include <openmm/LangevinMiddleIntegrator.h>
#include <openmm/LocalEnergyMinimizer.h>
#include <openmm/OpenMMException.h>
#include <openmm/State.h>
#include <openmm/System.h>
#include <openmm/VerletIntegrator.h>

namespace equivariant::command {

using EquivariantPlugin::EquivariantForce;
using EquivariantPlugin::kilojoulesPerElectronVolt;
using OpenMM::State;
using OpenMM::Vec3;

namespace {

constexpr double femtosecondsPerPicosecond = 1000;
constexpr double femtosecondsPerNanosecond = 1e6;
constexpr double secondsPerDay = 86400;
constexpr double gasConstant = 8.31446261815324e-3; // kJ/mol/K, exact in the SI of 2019

/// Energies of one moment, kJ/mol.
struct Energies {
    double time, potential, kinetic, temperature; // ps, kJ/mol, kJ/mol, K
    double total() const { return potential + kinetic; }
};

/// The table of a simulation, with the columns of OpenMM's own reports.
class Log {
public:
    explicit Log(const std::string& path) : path(path) {
        if (path.empty())
            return;
        stream.open(path);
        stream << "#\"Step\",\"Time (ps)\",\"Potential Energy (kJ/mole)\","
                  "\"Kinetic Energy (kJ/mole)\",\"Total Energy (kJ/mole)\",\"Temperature (K)\","
                  "\"Speed (ns/day)\"\n";
        if (!stream)
            throw Error(path + ": cannot be written");
    }

    void write(long step, const Energies& energies, double speed) {
        if (path.empty())
            return;
        char line[256];
        std::snprintf(line, sizeof line, "%ld,%.6f,%.9g,%.9g,%.9g,%.6g,%.4g\n", step, energies.time,
                      energies.potential, energies.kinetic, energies.total(), energies.temperature,
                      speed);
        if (!(stream << line << std::flush))
            throw Error(path + ": cannot be written");
    }

private:
    std::string path;
    std::ofstream stream;
};

Frame readStart(const std::string& path) {
    std::vector<Frame> frames = readExtendedXyz(path, {"", "", ""});
    if (frames.size() != 1)
        throw Error(path + ": frame 2: a simulation starts from one frame, the file holds " +
                    std::to_string(frames.size()));
    return frames[0];
}

class Simulation {
public:
    explicit Simulation(const MdOptions& options)
        : options(options), model(loadModel(options.model, options.compute)),
          start(readStart(options.start)), box(makeBox()) {
        const int head = model->getHead(options.compute.head);
        addParticles(head);
        integrator = makeIntegrator();
        PlatformChoice choice = choosePlatform(options.compute);
        context = makeContext(system, *integrator, choice);
        std::vector<Vec3> positions;
        for (const Eigen::Vector3d& position : start.structure.positions)
            positions.push_back(box.toOpenMM(position));
        context->setPositions(positions);
    }

    void run() {
        std::printf("%d atoms, platform %s, %s\n", system.getNumParticles(),
                    context->getPlatform().getName().c_str(),
                    options.constantEnergy ? "constant energy (Verlet)"
                                           : "constant temperature (Langevin)");
        // Files are opened before the work begins, so that a wrong path is known at once.
        Log log(options.log);
        std::unique_ptr<Trajectory> trajectory;
        if (!options.trajectory.empty())
            trajectory = Trajectory::open(
                options.trajectory, {start.structure, options.timestep, options.reportInterval});
        if (options.minimize)
            minimize();
        drawVelocities();
        simulate(log, trajectory.get());
    }

private:
    OpenMMBox makeBox() const {
        try {
            return OpenMMBox(start.structure);
        } catch (const Error& error) {
            throwFrameError(options.start, 0, error.what());
        }
    }

    void addParticles(int head) {
        auto force = std::make_unique<EquivariantForce>(model);
        for (int number : start.structure.atomicNumbers) {
            force->addParticle(system.addParticle(getMass(number)), number);
            try {
                isolatedEnergy +=
                    model->getInfo().isolatedAtomEnergies(head, model->getSpecies(number));
            } catch (const Error& error) {
                throwFrameError(options.start, 0, error.what());
            }
        }
        force->setHead(options.compute.head);
        force->setUsesPeriodicBoundaryConditions(box.periodic);
        system.addForce(force.release());
        if (box.periodic)
            system.setDefaultPeriodicBoxVectors(box.vectors[0], box.vectors[1], box.vectors[2]);
        degreesOfFreedom = 3 * system.getNumParticles();
        if (system.getNumParticles() > 1) {
            system.addForce(new OpenMM::CMMotionRemover(1));
            degreesOfFreedom -= 3;
        }
    }

    std::unique_ptr<OpenMM::Integrator> makeIntegrator() const {
        const double timestep = options.timestep / femtosecondsPerPicosecond;
        if (options.constantEnergy)
            return std::make_unique<OpenMM::VerletIntegrator>(timestep);
        auto langevin = std::make_unique<OpenMM::LangevinMiddleIntegrator>(
            options.temperature, options.friction, timestep);
        langevin->setRandomNumberSeed(options.seed);
        return langevin;
    }

    /// The center of mass rests from the start: its energy would be missing after the first step.
    void drawVelocities() {
        context->setVelocitiesToTemperature(options.temperature, options.seed);
        if (system.getNumParticles() < 2)
            return;
        std::vector<Vec3> velocities = context->getState(State::Velocities).getVelocities();
        Vec3 momentum;
        double mass = 0;
        for (std::size_t i = 0; i < velocities.size(); i++) {
            momentum += velocities[i] * system.getParticleMass(static_cast<int>(i));
            mass += system.getParticleMass(static_cast<int>(i));
        }
        for (Vec3& velocity : velocities)
            velocity -= momentum / mass;
        context->setVelocities(velocities);
    }

    void minimize() {
        const double before = getEnergies(context->getState(State::Energy)).potential;
        OpenMM::LocalEnergyMinimizer::minimize(*context);
        const double after = getEnergies(context->getState(State::Energy)).potential;
        std::printf("minimized: potential energy %.6g -> %.6g kJ/mol\n", before, after);
    }

    Energies getEnergies(const State& state) const {
        const double kinetic = state.getKineticEnergy();
        const Energies energies{state.getTime(), state.getPotentialEnergy(), kinetic,
                                2 * kinetic / (degreesOfFreedom * gasConstant)};
        if (!std::isfinite(energies.total()))
            throw Error(options.start +
                        ": frame 1: the energy of the simulation is not finite at " +
                        std::to_string(energies.time) + " ps");
        return energies;
    }

    void simulate(Log& log, Trajectory* trajectory) {
        ProgressBar progress(options.steps, "step", "ns/day",
                             options.timestep * secondsPerDay / femtosecondsPerNanosecond);
        Energies first{}, last{};
        for (long step = 0;; step += advance(step, progress)) {
            const State state = context->getState(State::Energy | State::Positions);
            last = getEnergies(state);
            if (step == 0)
                first = last;
            log.write(step, last, progress.getRate(step));
            if (trajectory)
                trajectory->write({step, last.time,
                                   last.potential / kilojoulesPerElectronVolt + isolatedEnergy,
                                   state.getPositions()});
            if (step >= options.steps)
                break;
        }
        summarize(first, last, progress.getRate(options.steps));
    }

    /// Goes on to the next report. Returns the number of steps.
    long advance(long step, ProgressBar& progress) {
        constexpr long piece = 10; // so that the bar moves
        const long end = std::min<long>(options.steps, step + options.reportInterval);
        for (long now = step; now < end;) {
            const long count = std::min(piece, end - now);
            integrator->step(static_cast<int>(count));
            now += count;
            progress.update(now);
        }
        return end - step;
    }

    void summarize(const Energies& first, const Energies& last, double speed) const {
        std::printf("%ld steps, %.6g ps, %.4g ns/day; at the end: potential energy %.6g kJ/mol, "
                    "%.4g K\n",
                    options.steps, last.time - first.time, speed, last.potential, last.temperature);
        if (options.constantEnergy)
            std::printf("total energy changed by %.3g meV/atom\n",
                        1000 * (last.total() - first.total()) / kilojoulesPerElectronVolt /
                            system.getNumParticles());
        std::fflush(stdout);
    }

    const MdOptions& options;
    std::shared_ptr<const Model> model;
    Frame start;
    OpenMMBox box;
    OpenMM::System system;
    std::unique_ptr<OpenMM::Integrator> integrator;
    std::unique_ptr<OpenMM::Context> context;
    double isolatedEnergy = 0; // eV
    int degreesOfFreedom = 0;
};

} // namespace

void runMolecularDynamics(const MdOptions& options) {
    if (!options.trajectory.empty())
        Trajectory::checkName(options.trajectory);
    try {
        Simulation(options).run();
    } catch (const OpenMM::OpenMMException& error) {
        throwFrameError(options.start, 0, error.what());
    }
}

} // namespace equivariant::command
