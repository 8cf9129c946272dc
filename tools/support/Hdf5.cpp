// SPDX-License-Identifier: MIT
#include "Formats.h"

#include "equivariant/Error.h"

#include <H5Cpp.h>
#include <cstdlib>
#include <filesystem>

namespace equivariant::support {

Array readHdf5(const std::string& path, const std::string& dataset) {
    if (!std::filesystem::exists(path))
        throw Error(path + ": cannot be opened");
    H5::Exception::dontPrint();
    try {
        const H5::H5File file(path, H5F_ACC_RDONLY);
        const H5::DataSet data = file.openDataSet(dataset);
        const H5T_class_t type = data.getTypeClass();
        if (type != H5T_FLOAT && type != H5T_INTEGER)
            throw Error(path + ": the dataset '" + dataset + "' is not of numbers");
        const H5::DataSpace space = data.getSpace();
        std::vector<hsize_t> sizes(space.getSimpleExtentNdims());
        space.getSimpleExtentDims(sizes.data());
        Array array;
        array.shape.assign(sizes.begin(), sizes.end());
        array.values.resize(countValues(array.shape, path));
        if (!array.values.empty())
            data.read(array.values.data(), H5::PredType::NATIVE_DOUBLE);
        return array;
    } catch (const H5::FileIException&) {
        throw Error(path + ": there is no dataset '" + dataset + "', or this is no HDF5 file");
    } catch (const H5::Exception&) {
        throw Error(path + ": the dataset '" + dataset + "' cannot be read");
    }
}

void writeHdf5(const std::string& path, const std::map<std::string, Array>& datasets) {
    H5::Exception::dontPrint();
    try {
        const H5::H5File file(path, H5F_ACC_TRUNC);
        for (const auto& [name, array] : datasets) {
            const std::vector<hsize_t> sizes(array.shape.begin(), array.shape.end());
            const H5::DataSpace space(static_cast<int>(sizes.size()), sizes.data());
            const H5::DataSet data = file.createDataSet(name, H5::PredType::NATIVE_DOUBLE, space);
            data.write(array.values.data(), H5::PredType::NATIVE_DOUBLE);
        }
    } catch (const H5::Exception& error) {
        throw Error(path + ": cannot be written: " + error.getDetailMsg());
    }
}

} // namespace equivariant::support
