// SPDX-License-Identifier: MIT
#include "equivariant/Irreps.h"

#include "equivariant/Error.h"

#include <regex>
#include <sstream>

namespace equivariant {

std::vector<Irrep> parseIrreps(const std::string& text) {
    static const std::regex pattern(R"(\s*(?:([0-9]{1,6})x)?([0-9]{1,3})([eo])\s*)");
    std::vector<Irrep> irreps;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, '+');) {
        std::smatch match;
        if (part.size() > 40 || !std::regex_match(part, match, pattern))
            throw Error("'" + text.substr(0, 80) +
                        "' is not an irreps string such as 128x0e+128x1o");
        irreps.push_back({match[1].matched ? std::stoi(match[1]) : 1, std::stoi(match[2]),
                          match[3] == "e" ? 1 : -1});
    }
    if (irreps.empty())
        throw Error("an irreps string is empty");
    if (text.back() == '+') // getline() gives no empty last part
        throw Error("'" + text.substr(0, 80) + "' ends with '+'");
    return irreps;
}

std::string formatIrreps(const std::vector<Irrep>& irreps) {
    std::string text;
    for (const Irrep& irrep : irreps)
        text += (text.empty() ? "" : "+") + std::to_string(irrep.multiplicity) + "x" +
                std::to_string(irrep.l) + (irrep.parity > 0 ? "e" : "o");
    return text;
}

int requireUniformIrreps(const std::string& text, int channels, const std::string& name) {
    const auto irreps = parseIrreps(text);
    for (std::size_t i = 0; i < irreps.size(); i++)
        if (irreps[i].l != static_cast<int>(i) || irreps[i].parity != (i % 2 == 0 ? 1 : -1) ||
            irreps[i].multiplicity != channels)
            throw Error(name + ": irreps '" + text +
                        "' are not supported; degrees 0, 1, … with "
                        "natural parity and " +
                        std::to_string(channels) + " copies each are");
    return static_cast<int>(irreps.size()) - 1;
}

} // namespace equivariant
