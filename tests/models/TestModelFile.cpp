// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/ModelFile.h"

#include <gtest/gtest.h>
#include <random>

using namespace equivariant;

namespace {

ModelFile makeFile() {
    ModelFile file;
    file.architecture = "mace";
    file.config = {{"r_max", 4.5}, {"heads", {"a", "b"}}};
    file.license = "MIT";
    file.citation = "none";
    file.provenance = "made by a test";
    file.tensors["w"] = {DataType::Float64, {2, 3}, {0.1, -2, 3, 1e-300, 5, 6}};
    file.tensors["s"] = {DataType::Float32, {}, {0.5}};
    file.tensors["i"] = {DataType::Int32, {2}, {-7, 8}};
    file.tensors["empty"] = {DataType::Int64, {0, 4}, {}};
    return file;
}

std::string errorOf(const std::string& bytes) {
    try {
        ModelFile::parse(bytes, "file");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

} // namespace

TEST(ModelFile, RoundTripKeepsEverything) {
    const ModelFile file = makeFile();
    const ModelFile copy = ModelFile::parse(file.serialize(), "file");
    EXPECT_EQ(copy.architecture, file.architecture);
    EXPECT_EQ(copy.config, file.config);
    EXPECT_EQ(copy.license, file.license);
    ASSERT_EQ(copy.tensors.size(), file.tensors.size());
    for (const auto& [name, tensor] : file.tensors) {
        EXPECT_EQ(copy.tensors.at(name).type, tensor.type);
        EXPECT_EQ(copy.tensors.at(name).shape, tensor.shape);
        EXPECT_EQ(copy.tensors.at(name).data, tensor.data);
    }
    EXPECT_EQ(copy.serialize(), file.serialize());
}

TEST(ModelFile, RefusesNonFiniteNumbersByName) {
    ModelFile file = makeFile();
    file.tensors["w"].data[4] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(errorOf(file.serialize()),
              "file: tensor 'w' has a value that is not finite at index 4");
}

TEST(ModelFile, RefusesForeignSafetensors) {
    const std::string header = R"({"w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})";
    std::string bytes(1, static_cast<char>(header.size()));
    bytes += std::string(7, '\0') + header + std::string(8, '\0');
    EXPECT_NE(errorOf(bytes).find("not an OpenMM-Equivariant model"), std::string::npos);
}

TEST(ModelFile, RefusesTrailingBytesAndEveryTruncation) {
    const std::string bytes = makeFile().serialize();
    EXPECT_NE(errorOf(bytes + "x").find("cover"), std::string::npos);
    for (std::size_t length = 0; length < bytes.size(); length++)
        EXPECT_NE(errorOf(bytes.substr(0, length)), "no error") << length;
}

TEST(ModelFile, RefusesOverlapsAndGaps) {
    const std::string metadata =
        R"("__metadata__":{"format":"openmm-equivariant","version":"1","architecture":"mace",)"
        R"("config":"{}","license":"","citation":"","provenance":""})";
    const auto makeBytes = [&](const std::string& second) {
        const std::string header =
            "{" + metadata + R"(,"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)" +
            R"("b":{"dtype":"F64","shape":[1],"data_offsets":)" + second + "}}";
        std::string bytes = {static_cast<char>(header.size() & 0xff),
                             static_cast<char>(header.size() >> 8)};
        return bytes + std::string(6, '\0') + header + std::string(16, '\0');
    };
    EXPECT_EQ(errorOf(makeBytes("[8,16]")), "no error");
    EXPECT_NE(errorOf(makeBytes("[0,8]")).find("overlap"), std::string::npos);
    EXPECT_NE(errorOf(makeBytes("[4,12]")).find("overlap"), std::string::npos);
}

TEST(ModelFile, ByteFlipsGiveAnErrorOrAFile) {
    const std::string bytes = makeFile().serialize();
    std::mt19937 random(1);
    for (int trial = 0; trial < 20000; trial++) {
        std::string damaged = bytes;
        for (int flips = 1 + trial % 3; flips > 0; flips--)
            damaged[random() % damaged.size()] ^= static_cast<char>(1u << random() % 8);
        errorOf(damaged); // anything but an Error or a result fails the test
    }
}

TEST(TensorReader, NamesMissingMisshapenAndUnknownTensors) {
    const ModelFile file = makeFile();
    TensorReader reader(file, "file");
    EXPECT_THROW(reader.get("absent"), Error);
    EXPECT_THROW(reader.get("w", {3, 2}), Error);
    reader.get("w", {2, 3});
    reader.get("s", {});
    reader.get("i");
    try {
        reader.finish();
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "file: unknown tensor 'empty'");
    }
}

TEST(ConfigReader, NamesMissingMistypedAndUnknownKeys) {
    const ModelFile file = makeFile();
    ConfigReader reader(file.config, "config");
    EXPECT_THROW(reader.get<double>("absent"), Error);
    EXPECT_THROW(reader.get<std::string>("r_max"), Error);
    EXPECT_EQ(reader.get<double>("r_max"), 4.5);
    EXPECT_EQ(reader.get<int>("absent", 3), 3);
    EXPECT_THROW(reader.finish(), Error);
    EXPECT_EQ(reader.get<std::vector<std::string>>("heads").size(), 2u);
    reader.finish();
}
