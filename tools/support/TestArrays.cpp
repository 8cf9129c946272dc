// SPDX-License-Identifier: MIT
#include "Arrays.h"

#include "equivariant/Error.h"

#include "support/TemporaryFolder.h"
#include "support/Throws.h"

#include <gtest/gtest.h>

using namespace equivariant;
using namespace equivariant::support;
using equivariant::test::readText;
using equivariant::test::TemporaryFolder;
using equivariant::test::throwsNaming;

namespace {

/// What NumPy writes for np.array([[1, 2, 3], [4, 5, 6]], dtype), bytes of the numbers apart.
std::string npy(const std::string& type, const std::string& order, const std::string& numbers,
                const std::string& shape = "(2, 3)") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    header.resize(117, ' ');
    return std::string("\x93NUMPY\x01\x00v\x00", 10) + header + "\n" + numbers;
}

Matrix example() {
    Matrix matrix(2, 3);
    matrix << 1, -2.5, 1e-300, 0.1, 1e300, 3;
    return matrix;
}

} // namespace

TEST(Arrays, RoundTripIsExact) {
    const TemporaryFolder folder;
    for (const char* name : {"a.npy", "a.csv", "a.h5:group", "a.hdf5:x"}) {
        const std::string path = folder.path(name);
        writeMatrix(path, example());
        EXPECT_EQ(readMatrix(path), example()) << name;
        writeVector(path, example().row(0).transpose());
        EXPECT_EQ(readVector(path), Eigen::VectorXd(example().row(0).transpose())) << name;
    }
    for (const char* name : {"cube.npy", "cube.h5:x"}) {
        const Array cube{{2, 1, 3}, {1, 2, 3, 4, 5, 6}};
        writeArray(folder.path(name), cube);
        EXPECT_EQ(readArray(folder.path(name)).shape, cube.shape);
        EXPECT_EQ(readArray(folder.path(name)).values, cube.values);
    }
    EXPECT_TRUE(throwsNaming<Error>("cube.csv", [&] {
        writeArray(folder.path("cube.csv"), {{2, 1, 3}, {1, 2, 3, 4, 5, 6}});
    }));
}

TEST(Arrays, ReadsTypesAndOrdersOfNumPy) {
    const TemporaryFolder folder;
    Matrix expected(2, 3);
    expected << 1, 2, 3, 4, 5, 6;
    EXPECT_EQ(readMatrix(folder.write("a.npy", npy("|i1", "False", "\1\2\3\4\5\6"))), expected);
    EXPECT_EQ(readMatrix(folder.write("b.npy", npy("|u1", "True", "\1\4\2\5\3\6"))), expected);
    const float floats[] = {1, 2, 3, 4, 5, 6};
    EXPECT_EQ(readMatrix(folder.write(
                  "c.npy", npy("<f4", "False", {reinterpret_cast<const char*>(floats), 24}))),
              expected);
}

TEST(Arrays, NpyThatIsDamagedIsRefused) {
    const TemporaryFolder folder;
    const auto refuses = [&](const std::string& bytes, const std::string& why) {
        const std::string path = folder.write("bad.npy", bytes);
        return throwsNaming<Error>(path + ": " + why, [&] { readMatrix(path); });
    };
    EXPECT_TRUE(refuses("", "the file ends too early"));
    EXPECT_TRUE(refuses("PK\3\4 something else", "this is no NPY file"));
    EXPECT_TRUE(refuses(npy("|i1", "False", "\1\2\3\4\5"), "5 bytes of numbers, expected 6"));
    EXPECT_TRUE(refuses(npy("|i1", "False", "\1\2\3\4\5\6\7"), "7 bytes of numbers"));
    EXPECT_TRUE(refuses(npy(">f8", "False", ""), "the bytes are in big-endian order"));
    EXPECT_TRUE(refuses(npy("<c16", "False", ""), "numbers of the type 'c16' cannot be read"));
    EXPECT_TRUE(refuses(npy("|O", "False", ""), "numbers of the type 'O' cannot be read"));
    EXPECT_TRUE(refuses(npy("<f8", "False", "", "(9999999999999, 9999999999999)"), "the shape is"));
    EXPECT_TRUE(refuses(npy("<f8", "False", "", "(0, 3)"), "the matrix is empty"));
    EXPECT_TRUE(refuses(npy("<f8", "False", "", "(99999999, 9999)"), "0 bytes of numbers"));
    EXPECT_TRUE(refuses(npy("|i1", "False", "\1\2", "(1, 2, 1)"), "a matrix is needed"));
    const std::string whole = npy("|i1", "False", "\1\2\3\4\5\6");
    for (std::size_t size = 0; size < whole.size(); size++)
        EXPECT_THROW(readMatrix(folder.write("cut.npy", whole.substr(0, size))), Error) << size;
}

TEST(Arrays, Csv) {
    const TemporaryFolder folder;
    const Table table = readTable(folder.write("t.csv", "x,\"y, z\"\r\n1,2\n+3.5,-4e2\n\n"));
    EXPECT_EQ(table.names, (std::vector<std::string>{"x", "y, z"}));
    ASSERT_EQ(table.values.rows(), 2);
    EXPECT_EQ(table.values(1, table.find("y, z")), -400);
    EXPECT_TRUE(throwsNaming<Error>("'q'", [&] { table.find("q"); }));
    writeTable(folder.path("copy.csv"), table);
    EXPECT_EQ(readTable(folder.path("copy.csv")).values, table.values);
    EXPECT_EQ(readTable(folder.path("copy.csv")).names, table.names);

    const auto refuses = [&](const std::string& text, const std::string& why) {
        const std::string path = folder.write("bad.csv", text);
        return throwsNaming<Error>(path + ": " + why, [&] { readMatrix(path); });
    };
    EXPECT_TRUE(refuses("1,2\n3\n", "row 1 has 1 cells, expected 2"));
    EXPECT_TRUE(refuses("1,2\n3,\n", "row 1, column 1 is missing"));
    EXPECT_TRUE(refuses("a,b\n3,x\n", "row 0, column 1 is not a number"));
    EXPECT_TRUE(refuses("1,2.O\n3,4\n", "row 0, column 1 is not a number"));
    EXPECT_TRUE(refuses("1,\n3,4\n", "row 0, column 1 is missing"));
    EXPECT_TRUE(refuses("1,2\n3,nan\n", "row 1, column 1 is not a finite number"));
    EXPECT_TRUE(refuses("", "the matrix is empty"));
    EXPECT_TRUE(refuses("x,y\n", "the matrix is empty"));
}

TEST(Arrays, OtherFilesAreRefused) {
    const TemporaryFolder folder;
    EXPECT_TRUE(throwsNaming<Error>("absent.npy", [&] { readMatrix(folder.path("absent.npy")); }));
    EXPECT_TRUE(throwsNaming<Error>("absent.h5", [&] { readMatrix(folder.path("absent.h5:x")); }));
    EXPECT_TRUE(throwsNaming<Error>("dataset", [&] { readMatrix("a.h5"); }));
    EXPECT_TRUE(throwsNaming<Error>("a.txt", [&] { readMatrix("a.txt"); }));
    EXPECT_TRUE(throwsNaming<Error>(
        "cannot be written", [&] { writeMatrix(folder.path("no/such/folder.npy"), example()); }));
    const std::string text = folder.write("text.h5", "this is no HDF5 file");
    EXPECT_TRUE(throwsNaming<Error>("text.h5", [&] { readMatrix(text + ":x"); }));
    writeMatrix(folder.path("good.h5:x"), example());
    EXPECT_TRUE(throwsNaming<Error>("'y'", [&] { readMatrix(folder.path("good.h5:y")); }));
    EXPECT_TRUE(
        throwsNaming<Error>("one column is needed", [&] { readVector(folder.path("good.h5:x")); }));
}
