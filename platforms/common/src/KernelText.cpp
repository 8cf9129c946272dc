// SPDX-License-Identifier: MIT
#include "KernelText.h"

#include <algorithm>
#include <cctype>
#include <iomanip>
#include <sstream>

namespace EquivariantPlugin {

int tileFor(int bytesPerRow, int largest) {
    return std::max(1, std::min(largest, localMemory / bytesPerRow));
}

int groupFor(int numbers, int most) {
    int size = 32;
    while (size < numbers && 2 * size <= std::min(256, most))
        size *= 2;
    return size;
}

std::string replaceWords(const std::string& text, const Defines& words) {
    const auto isOfWord = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin + 1;
        while (isOfWord(text[begin]) && end < text.size() && isOfWord(text[end]))
            end++;
        const std::string word = text.substr(begin, end - begin);
        const auto found = words.find(word);
        result += found == words.end() ? word : found->second;
        begin = end;
    }
    return result;
}

std::string toLiteral(double value, bool isDouble) {
    std::ostringstream text;
    text << std::scientific << std::setprecision(isDouble ? 16 : 8) << value;
    return text.str() + (isDouble ? "" : "f");
}

} // namespace EquivariantPlugin
