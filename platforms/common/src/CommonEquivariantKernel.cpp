// SPDX-License-Identifier: MIT
#include "CommonEquivariantKernel.h"

#include "DeviceMace.h"
#include "DevicePonita.h"
#include "internal/EquivariantUnits.h"
#include "internal/TranslateErrors.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <openmm/common/ContextSelector.h>

namespace EquivariantPlugin {

using OpenMM::ContextImpl;
using OpenMM::ContextSelector;
using OpenMM::Vec3;

namespace {

const char* const numbering = "(atoms are numbered in the order of addParticle) ";

/// Tells the platform which particles it may not wrap around the box one by one.
class MoleculeInfo : public OpenMM::ComputeForceInfo {
public:
    explicit MoleculeInfo(const EquivariantForce& force) {
        for (int i = 0; i < force.getNumBonds(); i++) {
            int particle1, particle2;
            force.getBondParameters(i, particle1, particle2);
            groups.push_back({particle1, particle2});
        }
        if (force.usesPeriodicBoundaryConditions() || force.getNumParticles() == 0)
            return;
        groups.emplace_back();
        for (int i = 0; i < force.getNumParticles(); i++) {
            int particle, atomicNumber;
            force.getParticleParameters(i, particle, atomicNumber);
            groups.back().push_back(particle);
        }
    }
    int getNumParticleGroups() override { return static_cast<int>(groups.size()); }
    void getParticlesInGroup(int index, std::vector<int>& particles) override {
        particles = groups[index];
    }

private:
    std::vector<std::vector<int>> groups;
};

} // namespace

CommonEquivariantKernel::~CommonEquivariantKernel() {
    const ContextSelector selector(cc);
    network.reset();
    edges.reset();
}

void CommonEquivariantKernel::initialize(const OpenMM::System&, const EquivariantForce& force) {
    const ContextSelector selector(cc);
    model = force.getModelPtr();
    periodic = force.usesPeriodicBoundaryConditions();
    scaleParameter = force.getScaleParameter();
    if (force.getNumEnergyParameterDerivatives() > 0) {
        derivative = force.getEnergyParameterDerivativeName(0);
        cc.addEnergyParameterDerivative(derivative);
    }
    cc.addForce(new MoleculeInfo(force));
    readParameters(force);
    makeNetwork();
}

void CommonEquivariantKernel::copyParametersToContext(ContextImpl&, const EquivariantForce& force) {
    const ContextSelector selector(cc);
    const std::vector<int> before = atomicNumbers;
    readParameters(force);
    if (atomicNumbers != before)
        makeNetwork();
    else if (network)
        network->setHead(head);
}

void CommonEquivariantKernel::readParameters(const EquivariantForce& force) {
    const int count = force.getNumParticles();
    particles.resize(count);
    atomicNumbers.resize(count);
    for (int i = 0; i < count; i++)
        force.getParticleParameters(i, particles[i], atomicNumbers[i]);
    totalEnergy = force.getEnergyType() == EquivariantForce::TotalEnergy;
    head = model->getHead(force.getHead());
    isolatedEnergy = 0;
    for (int i = 0; totalEnergy && i < count; i++)
        isolatedEnergy +=
            model->getInfo().isolatedAtomEnergies(head, model->getSpecies(atomicNumbers[i]));
}

/// The network's atoms are sorted by element.
void CommonEquivariantKernel::makeNetwork() {
    network.reset();
    edges.reset();
    if (particles.empty())
        return;
    const auto speciesOf = [this](int atom) { return model->getSpecies(atomicNumbers[atom]); };
    order.resize(particles.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return speciesOf(a) < speciesOf(b); });
    std::vector<int> species, sorted;
    for (const int atom : order) {
        species.push_back(speciesOf(atom));
        sorted.push_back(particles[atom]);
    }
    translateErrors("", [&] {
        edges = std::make_unique<DeviceEdges>(cc, sorted, makeEdgesOptions(*model, periodic),
                                              derivative);
        if (const auto* ponita =
                std::get_if<equivariant::PonitaParameters>(&model->getParameters()))
            network = makeDevicePonita(cc, *ponita, species, *edges);
        else
            network = makeDeviceMace(
                cc, std::get<equivariant::MaceParameters>(model->getParameters()), species, *edges);
        network->setHead(head);
    });
}

bool CommonEquivariantKernel::tryToEvaluate(bool gradients) {
    return translateErrors(numbering, [&] {
        edges->update();
        network->evaluate(gradients);
        return edges->check(order);
    });
}

void CommonEquivariantKernel::evaluate(bool gradients) {
    while (!tryToEvaluate(gradients))
        ;
}

double CommonEquivariantKernel::execute(ContextImpl& context, bool includeForces, bool) {
    if (!edges)
        return 0;
    const double scale = scaleParameter.empty() ? 1 : context.getParameter(scaleParameter);
    const auto launch = [&] {
        const ContextSelector selector(cc);
        evaluate(includeForces);
        edges->addToContext(scale, kilojoulesPerElectronVolt * isolatedEnergy, includeForces);
    };
    if (cc.getNumContexts() > 1)
        runInWorkThread(launch);
    else
        launch();
    return scale * kilojoulesPerElectronVolt * isolatedEnergy;
}

/// With several devices OpenMM prepares each in a thread of its own. Work for one has to queue up
/// there.
void CommonEquivariantKernel::runInWorkThread(const std::function<void()>& work) {
    class Task : public OpenMM::ComputeContext::WorkTask {
    public:
        Task(const std::function<void()>& work, std::exception_ptr& error)
            : work(work), error(error) {}
        void execute() override {
            try {
                work();
            } catch (...) {
                error = std::current_exception();
            }
        }

    private:
        const std::function<void()>& work;
        std::exception_ptr& error;
    };
    std::exception_ptr error;
    cc.getWorkThread().addTask(new Task(work, error)); // which deletes it
    cc.getWorkThread().flush();
    if (error)
        std::rethrow_exception(error);
}

std::vector<double> CommonEquivariantKernel::getAtomEnergies(ContextImpl&) {
    const ContextSelector selector(cc);
    std::vector<double> energies(particles.size());
    if (!edges)
        return energies;
    evaluate(false);
    edges->clearFlags();
    const std::vector<double> own = edges->getAtomEnergies();
    const auto& isolated = model->getInfo().isolatedAtomEnergies;
    for (std::size_t i = 0; i < order.size(); i++) {
        const int atom = order[i];
        const double present =
            totalEnergy ? isolated(head, model->getSpecies(atomicNumbers[atom])) : 0;
        energies[atom] = kilojoulesPerElectronVolt * (own[i] + present);
    }
    return energies;
}

std::vector<Vec3> CommonEquivariantKernel::getVirial(ContextImpl&) {
    const ContextSelector selector(cc);
    std::vector<Vec3> symmetric(3);
    if (!edges)
        return symmetric;
    evaluate(true);
    edges->clearFlags();
    const std::vector<Vec3> virial = edges->getVirial();
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            symmetric[i][j] = kilojoulesPerElectronVolt * (virial[i][j] + virial[j][i]) / 2;
    return symmetric;
}

} // namespace EquivariantPlugin
