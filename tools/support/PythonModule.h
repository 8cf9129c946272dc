// SPDX-License-Identifier: MIT
//
// What every Python module of a tool includes: NumPy arrays as Eigen's, errors as ValueError.
#pragma once

#include "Arrays.h"

#include "equivariant/Error.h"

#include <nanobind/eigen/dense.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace equivariant::support {

namespace nb = nanobind;
using namespace nb::literals;

/// Python's lock is released while the function runs.
using ReleaseLock = nb::call_guard<nb::gil_scoped_release>;

/// To be called first in NB_MODULE: what C++ throws as Error arrives as ValueError.
inline void translateErrors() {
    nb::register_exception_translator([](const std::exception_ptr& exception, void*) {
        try {
            std::rethrow_exception(exception);
        } catch (const Error& error) {
            PyErr_SetString(PyExc_ValueError, error.what());
        }
    });
}

} // namespace equivariant::support
