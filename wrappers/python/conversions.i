// SPDX-License-Identifier: MIT
//
// How arguments and results cross between Python and C++. Lists are copied; no std::vector is
// wrapped as a class, because OpenMM's module has wrapped the same ones.

%{
static PyObject* equivariantVec3(const OpenMM::Vec3& v) {
    PyObject* module = PyImport_ImportModule("openmm");
    PyObject* result =
        module ? PyObject_CallMethod(module, "Vec3", "(ddd)", v[0], v[1], v[2]) : nullptr;
    Py_XDECREF(module);
    return result;
}

static PyObject* equivariantToPython(double value) { return PyFloat_FromDouble(value); }
static PyObject* equivariantToPython(int value) { return PyLong_FromLong(value); }
static PyObject* equivariantToPython(const std::string& value) {
    return PyUnicode_FromStringAndSize(value.data(), value.size());
}
static PyObject* equivariantToPython(const OpenMM::Vec3& value) { return equivariantVec3(value); }

/// For numpy.frombuffer().
static PyObject* equivariantToBytes(const double* values, std::size_t count) {
    return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(values), count * sizeof(double));
}

/// A new list, or null with an exception set.
template <class T> static PyObject* equivariantToList(const std::vector<T>& values) {
    PyObject* list = PyList_New(values.size());
    for (std::size_t i = 0; list && i < values.size(); i++) {
        PyObject* item = equivariantToPython(values[i]);
        if (!item)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static void equivariantFromPython(PyObject* item, double& value) { value = PyFloat_AsDouble(item); }
static void equivariantFromPython(PyObject* item, int& value) {
    const long number = PyLong_AsLong(item);
    if (number != static_cast<int>(number))
        PyErr_SetString(PyExc_OverflowError, "an integer is too large");
    value = static_cast<int>(number);
}

/// Copies a sequence; false with an exception set if it is not one of numbers.
template <class T> static bool equivariantFromSequence(PyObject* object, std::vector<T>& values) {
    PyObject* sequence = PySequence_Fast(object, "a sequence of numbers is needed");
    if (!sequence)
        return false;
    values.resize(PySequence_Fast_GET_SIZE(sequence));
    for (std::size_t i = 0; i < values.size() && !PyErr_Occurred(); i++)
        equivariantFromPython(PySequence_Fast_GET_ITEM(sequence, i), values[i]);
    Py_DECREF(sequence);
    return !PyErr_Occurred();
}
%}

%define EQUIVARIANT_LIST(TYPE)
%typemap(out) std::vector<TYPE> {
    // SWIG may hold a result in a wrapper that converts to the vector.
    const std::vector<TYPE>& values = $1;
    $result = equivariantToList(values);
    if (!$result) SWIG_fail;
}
%enddef
EQUIVARIANT_LIST(double)
EQUIVARIANT_LIST(int)
EQUIVARIANT_LIST(std::string)
EQUIVARIANT_LIST(OpenMM::Vec3)

%define EQUIVARIANT_SEQUENCE(TYPE)
%typemap(in) const std::vector<TYPE>& (std::vector<TYPE> values) {
    if (!equivariantFromSequence($input, values)) SWIG_fail;
    $1 = &values;
}
%enddef
EQUIVARIANT_SEQUENCE(double)
EQUIVARIANT_SEQUENCE(int)

// The bytes of a model file, both ways.
%typemap(in) const std::string& bytes (std::string content) {
    char* data = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize($input, &data, &size) < 0) SWIG_fail;
    content.assign(data, size);
    $1 = &content;
}
%typemap(freearg) const std::string& bytes ""
%typemap(out) const std::string& getBytes {
    $result = PyBytes_FromStringAndSize($1->data(), $1->size());
}
