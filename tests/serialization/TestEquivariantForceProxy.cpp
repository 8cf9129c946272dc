// SPDX-License-Identifier: MIT
#include "support/ForceTest.h"
#include "support/Throws.h"

#include <openmm/OpenMMException.h>
#include <openmm/serialization/XmlSerializer.h>
#include <random>
#include <sstream>

using namespace equivariant::test;
using equivariant::Model;
using OpenMM::OpenMMException;
using OpenMM::XmlSerializer;

namespace {

template <class T> std::string toXml(const T& object) {
    std::ostringstream stream;
    XmlSerializer::serialize(&object, "Root", stream);
    return stream.str();
}

template <class T> std::unique_ptr<T> fromXml(const std::string& text) {
    std::istringstream stream(text);
    return std::unique_ptr<T>(XmlSerializer::deserialize<T>(stream));
}

std::unique_ptr<EquivariantForce> forceFromXml(const std::string& text) {
    return fromXml<EquivariantForce>(text);
}

/// A force whose every setting differs from the default.
std::unique_ptr<EquivariantForce> makeUnusualForce() {
    auto force = std::make_unique<EquivariantForce>(tinyModel());
    force->setName("a <name> & \"quotes\"");
    force->setForceGroup(17);
    force->setUsesPeriodicBoundaryConditions(true);
    force->setHead(force->getModel().getInfo().heads[0]);
    force->setEnergyType(EquivariantForce::TotalEnergy);
    force->setScaleParameter("lambda");
    force->setDefaultScale(1.0 / 3);
    force->addEnergyParameterDerivative("lambda");
    force->addParticle(12, 8);
    force->addParticle(3, 1);
    force->addParticle(2000000000, 6);
    force->addBond(12, 3);
    return force;
}

/// A string is replaced, which must be there once.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto position = text.find(from);
    if (position == std::string::npos || text.find(from, position + 1) != std::string::npos)
        throw std::logic_error("'" + from + "' is not there once");
    return text.replace(position, from.size(), to);
}

std::string withoutChecksum(const std::string& text) {
    const auto begin = text.find(" checksum=\"");
    return text.substr(0, begin) + text.substr(text.find('"', begin + 11) + 1);
}

} // namespace

TEST(EquivariantForceProxy, KeepsEverything) {
    const auto force = makeUnusualForce();
    for (const auto& copy : {forceFromXml(toXml(*force)),
                             std::unique_ptr<EquivariantForce>(XmlSerializer::clone(*force))}) {
        EXPECT_EQ(copy->getName(), force->getName());
        EXPECT_EQ(copy->getForceGroup(), 17);
        EXPECT_TRUE(copy->usesPeriodicBoundaryConditions());
        EXPECT_EQ(copy->getHead(), force->getHead());
        EXPECT_EQ(copy->getEnergyType(), EquivariantForce::TotalEnergy);
        EXPECT_EQ(copy->getScaleParameter(), "lambda");
        EXPECT_EQ(copy->getDefaultScale(), 1.0 / 3);
        ASSERT_EQ(copy->getNumEnergyParameterDerivatives(), 1);
        EXPECT_EQ(copy->getEnergyParameterDerivativeName(0), "lambda");
        ASSERT_EQ(copy->getNumParticles(), 3);
        int first, second;
        copy->getParticleParameters(2, first, second);
        EXPECT_EQ(first, 2000000000);
        EXPECT_EQ(second, 6);
        ASSERT_EQ(copy->getNumBonds(), 1);
        copy->getBondParameters(0, first, second);
        EXPECT_EQ(first, 12);
        EXPECT_EQ(second, 3);
        EXPECT_EQ(toXml(*copy), toXml(*force));
        EXPECT_EQ(copy->getModelPtr(), force->getModelPtr()) << "copies share one model";
    }
}

TEST(EquivariantForceProxy, CarriesItsModel) {
    std::string text, hash;
    {
        const auto force = makeUnusualForce();
        text = toXml(*force);
        hash = force->getModel().getHash();
    }
    ASSERT_EQ(Model::find(hash), nullptr) << "the process must have forgotten the model";
    const auto copy = forceFromXml(text);
    EXPECT_EQ(copy->getModel().getHash(), hash);
    EXPECT_EQ(copy->getModelPtr(), tinyModel());
}

TEST(EquivariantForceProxy, DoesNotDecodeAModelThatIsThere) {
    auto force = makeUnusualForce();
    std::string text = toXml(*force);
    const auto begin = text.find("base64=\"") + 8;
    text.replace(begin, text.find('"', begin) - begin, "!");
    EXPECT_EQ(toXml(*forceFromXml(text)), toXml(*force));
    force.reset();
    EXPECT_TRUE(throwsNaming<OpenMMException>("base64", [&] { forceFromXml(text); }));
}

TEST(EquivariantForceProxy, SystemAndStateRoundTrip) {
    ASSERT_EQ(load(platformCases().at(0)), "");
    const Atoms atoms = periodicEthanol();
    auto system = makeSystem(atoms);
    system->addForce(makeForce(atoms).release());
    const auto copy = fromXml<OpenMM::System>(toXml(*system));
    OpenMM::Platform& platform = OpenMM::Platform::getPlatform("Reference");
    OpenMM::VerletIntegrator first(0.0001), second(0.0001);
    OpenMM::Context original(*system, first, platform), restored(*copy, second, platform);
    original.setPositions(atoms.positions);
    first.step(2);
    const int everything = OpenMM::State::Positions | OpenMM::State::Velocities |
                           OpenMM::State::Energy | OpenMM::State::Forces;
    const auto state = fromXml<OpenMM::State>(toXml(original.getState(everything)));
    restored.setState(*state);
    EXPECT_EQ(getEnergy(restored), state->getPotentialEnergy());
    EXPECT_EQ(flatten(getForces(restored)), flatten(state->getForces()));
}

TEST(EquivariantForceProxy, DamageIsNamed) {
    const std::string text = toXml(*makeUnusualForce());
    const auto names = [](const std::string& part, const std::string& damaged) {
        return throwsNaming<OpenMMException>(part, [&] { forceFromXml(damaged); });
    };
    EXPECT_TRUE(names("version 2", replaced(text, "version=\"1\">", "version=\"2\">")));
    EXPECT_TRUE(names("checksum", replaced(text, "z=\"8\"", "z=\"6\"")));
    EXPECT_TRUE(names("checksum", replaced(text, "<Bond ", "<Bont ")));
    const std::string open = withoutChecksum(text);
    EXPECT_TRUE(names("energy type 7", replaced(open, "energyType=\"1\"", "energyType=\"7\"")));
    EXPECT_TRUE(names("no head 'x'", replaced(open, "head=\"Default\"", "head=\"x\"")));
    EXPECT_TRUE(names("not finite", replaced(open, "defaultScale=\".3333333333333333\"",
                                             "defaultScale=\"nan\"")));
    const auto begin = text.find("modelHash=\"") + 11;
    std::string otherHash = open;
    otherHash[open.find("modelHash=\"") + 11] = text[begin] == '0' ? '1' : '0';
    EXPECT_TRUE(names("its hash is", otherHash));
}

TEST(EquivariantForceProxy, EditedTextIsTakenWithoutItsChecksum) {
    const std::string text = withoutChecksum(toXml(*makeUnusualForce()));
    const auto force = forceFromXml(replaced(text, "z=\"8\"", "z=\"6\""));
    int particle, atomicNumber;
    force->getParticleParameters(0, particle, atomicNumber);
    EXPECT_EQ(atomicNumber, 6);
}

// OpenMM's XML reader looks for the end of a name, a value or a tag without minding the end of the
// text (seen with the address sanitizer in 8.6.1), whichever force is written there. A tail with
// all that it looks for keeps it inside, so that what is tested is our part.
TEST(Fuzz, DamagedXmlNeverGivesAnotherForce) {
    const std::string text = toXml(*makeUnusualForce());
    const std::string tail = " = \"\" '' /> = \"\" '' >\n";
    const std::size_t settings = text.find("base64=");
    ASSERT_EQ(toXml(*forceFromXml(text + tail)), text);
    std::mt19937 random(20);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    int refused = 0;
    for (int trial = 0; trial < 1000; trial++) {
        std::string damaged = text;
        if (trial % 4 == 0) {
            damaged.resize(below(text.size()));
        } else {
            // Most of the text is the model: half of the flips go elsewhere.
            const std::size_t position = below(trial % 2 ? settings : text.size());
            damaged[position] = static_cast<char>(damaged[position] ^ (1 + below(255)));
        }
        SCOPED_TRACE(trial);
        try {
            EXPECT_EQ(toXml(*forceFromXml(damaged + tail)), text);
        } catch (const std::exception& error) {
            refused++;
            EXPECT_FALSE(std::string(error.what()).empty());
        }
    }
    EXPECT_GT(refused, 900);
}
