// SPDX-License-Identifier: MIT
#include "EquivariantForceProxy.h"

#include "Base64.h"
#include "EquivariantForce.h"
#include "internal/TranslateErrors.h"

#define XXH_INLINE_ALL
#include <cstdio>
#include <memory>
#include <openmm/OpenMMException.h>
#include <xxhash.h>

namespace EquivariantPlugin {

using OpenMM::OpenMMException;
using OpenMM::SerializationNode;

namespace {

constexpr int currentVersion = 1;

[[noreturn]] void fail(const std::string& what) {
    throw OpenMMException("EquivariantForce in XML: " + what);
}

/// All names and values below a node as one text, lengths included so that nothing can move from
/// one value to another. Left out: the root's name and type, which OpenMM sets, the checksum, and
/// the embedded model, which has its own hash.
void appendContent(const SerializationNode& node, bool root, std::string& text) {
    const auto append = [&](const std::string& part) {
        text += std::to_string(part.size()) + ":" + part;
    };
    for (const auto& [name, value] : node.getProperties())
        if (!root || (name != "type" && name != "checksum")) {
            append(name);
            append(value);
        }
    for (const SerializationNode& child : node.getChildren()) {
        text += "<";
        append(child.getName());
        if (child.getName() != "Model")
            appendContent(child, false, text);
        text += ">";
    }
}

std::string checksum(const SerializationNode& node) {
    std::string text;
    appendContent(node, true, text);
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx",
                  static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
    return digits;
}

std::shared_ptr<const equivariant::Model> readModel(const SerializationNode& node) {
    const std::string hash = node.getStringProperty("modelHash");
    if (auto present = equivariant::Model::find(hash))
        return present;
    const std::string text = node.getChildNode("Model").getStringProperty("base64");
    return translateErrors("in XML: ", [&] {
        auto model = equivariant::Model::fromBytes(decodeBase64(text), "the embedded model");
        if (model->getHash() != hash)
            fail("the embedded model is damaged (its hash is " + model->getHash() + ", not " +
                 hash + ")");
        return model;
    });
}

void readLists(const SerializationNode& node, EquivariantForce& force) {
    for (const auto& child : node.getChildNode("Particles").getChildren())
        force.addParticle(child.getIntProperty("p"), child.getIntProperty("z"));
    for (const auto& child : node.getChildNode("Bonds").getChildren())
        force.addBond(child.getIntProperty("p1"), child.getIntProperty("p2"));
    for (const auto& child : node.getChildNode("EnergyParameterDerivatives").getChildren())
        force.addEnergyParameterDerivative(child.getStringProperty("name"));
}

void writeLists(const EquivariantForce& force, SerializationNode& node) {
    SerializationNode& particles = node.createChildNode("Particles");
    for (int i = 0; i < force.getNumParticles(); i++) {
        int particle, atomicNumber;
        force.getParticleParameters(i, particle, atomicNumber);
        particles.createChildNode("Particle")
            .setIntProperty("p", particle)
            .setIntProperty("z", atomicNumber);
    }
    SerializationNode& bonds = node.createChildNode("Bonds");
    for (int i = 0; i < force.getNumBonds(); i++) {
        int particle1, particle2;
        force.getBondParameters(i, particle1, particle2);
        bonds.createChildNode("Bond")
            .setIntProperty("p1", particle1)
            .setIntProperty("p2", particle2);
    }
    SerializationNode& derivatives = node.createChildNode("EnergyParameterDerivatives");
    for (int i = 0; i < force.getNumEnergyParameterDerivatives(); i++)
        derivatives.createChildNode("Parameter")
            .setStringProperty("name", force.getEnergyParameterDerivativeName(i));
}

} // namespace

void EquivariantForceProxy::serialize(const void* object, SerializationNode& node) const {
    const auto& force = *static_cast<const EquivariantForce*>(object);
    node.setIntProperty("version", currentVersion);
    node.setStringProperty("name", force.getName());
    node.setIntProperty("forceGroup", force.getForceGroup());
    node.setBoolProperty("usesPeriodicBoundaryConditions", force.usesPeriodicBoundaryConditions());
    node.setStringProperty("head", force.getHead());
    node.setIntProperty("energyType", force.getEnergyType());
    node.setStringProperty("scaleParameter", force.getScaleParameter());
    node.setDoubleProperty("defaultScale", force.getDefaultScale());
    node.setStringProperty("modelHash", force.getModel().getHash());
    writeLists(force, node);
    node.createChildNode("Model").setStringProperty("base64",
                                                    encodeBase64(force.getModel().getBytes()));
    node.setStringProperty("checksum", checksum(node));
}

void* EquivariantForceProxy::deserialize(const SerializationNode& node) const {
    const int version = node.getIntProperty("version");
    if (version != currentVersion)
        fail("version " + std::to_string(version) + ", this library reads version " +
             std::to_string(currentVersion));
    if (node.hasProperty("checksum") && node.getStringProperty("checksum") != checksum(node))
        fail("the checksum is wrong: the text was damaged or edited (to accept your own changes, "
             "remove the attribute 'checksum')");
    auto force = std::make_unique<EquivariantForce>(readModel(node));
    force->setName(node.getStringProperty("name"));
    force->setForceGroup(node.getIntProperty("forceGroup"));
    force->setUsesPeriodicBoundaryConditions(
        node.getBoolProperty("usesPeriodicBoundaryConditions"));
    force->setHead(node.getStringProperty("head"));
    const int energyType = node.getIntProperty("energyType");
    if (energyType != EquivariantForce::InteractionEnergy &&
        energyType != EquivariantForce::TotalEnergy)
        fail("unknown energy type " + std::to_string(energyType));
    force->setEnergyType(static_cast<EquivariantForce::EnergyType>(energyType));
    force->setScaleParameter(node.getStringProperty("scaleParameter"));
    force->setDefaultScale(node.getDoubleProperty("defaultScale"));
    readLists(node, *force);
    return force.release();
}

} // namespace EquivariantPlugin
