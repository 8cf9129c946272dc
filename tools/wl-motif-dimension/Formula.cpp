// SPDX-License-Identifier: MIT
#include "GraphFile.h"

#include "equivariant/Error.h"

#include <regex>

namespace equivariant::wl_motif_dimension {

Parameter parseFormula(const std::string& text, Alphabets& alphabets) {
    static const std::regex termPattern(
        "\\s*([+-]?)\\s*(?:([0-9]+(?:/"
        "[0-9]+)?)\\s*\\*\\s*)?(sub|ind|hom)\\s*\\(\\s*([^()]*[^()\\s])\\s*\\)\\s*");
    Parameter sum;
    auto place = text.cbegin();
    do {
        std::smatch match;
        if (!std::regex_search(place, text.cend(), match, termPattern,
                               std::regex_constants::match_continuous) ||
            (place != text.cbegin() && match[1].length() == 0))
            throw Error("the formula '" + text + "' makes no sense from '" +
                        std::string(place, text.cend()) + "' on");
        mpq_class factor(match[2].matched ? match[2].str() : "1");
        if (factor.get_den() == 0)
            throw Error("the formula '" + text + "' divides by 0");
        factor.canonicalize();
        if (match[1] == "-")
            factor = -factor;
        const GraphWithKinds pattern = readPattern(match[4], alphabets);
        sum.add(makeParameter(Pattern(pattern.graph), parseMode(match[3]), pattern.kinds), factor);
        place = match[0].second;
    } while (place != text.cend());
    if (sum.isZero())
        throw Error("all terms of the formula '" + text + "' cancel");
    return sum;
}

} // namespace equivariant::wl_motif_dimension
