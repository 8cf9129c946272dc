// SPDX-License-Identifier: MIT
#include "Arrays.h"
#include "Numbers.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <charconv>
#include <csv.h>
#include <fstream>

namespace equivariant::support {

namespace {

/// Gets fields and ends of rows from libcsv.
struct Reader {
    explicit Reader(const std::string& path) : path(path) {}

    void addField(std::string_view field) { fields.emplace_back(field); }

    void endRow() {
        if (fields.size() == 1 && fields[0].empty())
            fields.clear();
        if (!fields.empty())
            numRows == 0 && names.empty() ? addFirstRow() : addRow();
        fields.clear();
    }

    void addFirstRow() {
        numColumns = fields.size();
        const bool hasNumber = std::any_of(fields.begin(), fields.end(), [](const auto& field) {
            return command::convert<double>(field).has_value();
        });
        if (hasNumber) // one that is damaged is no line of names
            addRow();
        else
            names = fields;
    }

    void addRow() {
        const std::string place = path + ": row " + std::to_string(numRows);
        if (fields.size() != numColumns)
            throw Error(place + " has " + std::to_string(fields.size()) + " cells, expected " +
                        std::to_string(numColumns));
        for (std::size_t i = 0; i < fields.size(); i++) {
            const auto value = command::convert<double>(fields[i]);
            if (!value)
                throw Error(place + ", column " + std::to_string(i) +
                            (fields[i].empty() ? " is missing" : " is not a number"));
            values.push_back(*value);
        }
        numRows++;
    }

    const std::string& path;
    std::vector<std::string> fields, names;
    std::vector<double> values;
    std::size_t numColumns = 0;
    Eigen::Index numRows = 0;
};

void onField(void* text, std::size_t size, void* reader) {
    static_cast<Reader*>(reader)->addField({static_cast<const char*>(text), size});
}

void onRow(int, void* reader) {
    static_cast<Reader*>(reader)->endRow();
}

/// As many digits as reading it back exactly needs.
std::string format(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

/// A name as a field: quoted, if it holds what ends a field.
std::string quote(const std::string& name) {
    if (name.find_first_of(",\"\n\r") == std::string::npos)
        return name;
    std::string quoted = "\"";
    for (char c : name)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + '"';
}

/// A libcsv parser that frees itself.
struct Parser {
    Parser() {
        if (csv_init(&state, CSV_APPEND_NULL) != 0)
            throw std::bad_alloc();
    }
    ~Parser() { csv_free(&state); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    csv_parser state;
};

} // namespace

Table readTable(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw Error(path + ": cannot be opened");
    Parser parser;
    Reader reader(path);
    char block[1 << 16];
    while (stream.read(block, sizeof(block)) || stream.gcount() > 0) {
        const auto size = static_cast<std::size_t>(stream.gcount());
        if (csv_parse(&parser.state, block, size, onField, onRow, &reader) != size)
            throw Error(path + ": " + csv_strerror(csv_error(&parser.state)));
    }
    csv_fini(&parser.state, onField, onRow, &reader);
    if (stream.bad())
        throw Error(path + ": cannot be read");
    return {std::move(reader.names),
            Eigen::Map<const Matrix>(reader.values.data(), reader.numRows,
                                     static_cast<Eigen::Index>(reader.numColumns))};
}

void writeTable(const std::string& path, const Table& table) {
    std::ofstream stream(path, std::ios::binary);
    for (std::size_t i = 0; i < table.names.size(); i++)
        stream << (i ? "," : "") << quote(table.names[i]);
    if (!table.names.empty())
        stream << '\n';
    for (Eigen::Index i = 0; i < table.values.rows(); i++) {
        for (Eigen::Index j = 0; j < table.values.cols(); j++)
            stream << (j ? "," : "") << format(table.values(i, j));
        stream << '\n';
    }
    if (!stream.flush())
        throw Error(path + ": cannot be written");
}

} // namespace equivariant::support
