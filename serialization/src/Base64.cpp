// SPDX-License-Identifier: MIT
#include "Base64.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace EquivariantPlugin {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<int, 256> makeValues() {
    std::array<int, 256> values;
    values.fill(-1);
    for (int i = 0; i < 64; i++)
        values[static_cast<unsigned char>(alphabet[i])] = i;
    return values;
}

} // namespace

std::string encodeBase64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0);
        for (std::size_t j = 0; j < 4; j++)
            text += j <= count ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
    }
    return text;
}

std::string decodeBase64(std::string_view text) {
    static const std::array<int, 256> values = makeValues();
    if (text.size() % 4 != 0)
        throw equivariant::Error("base64 text of " + std::to_string(text.size()) +
                                 " characters, which is not a multiple of 4");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        padding++;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t count = i + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 4; j++) {
            const int value = j < count ? values[static_cast<unsigned char>(text[i + j])] : 0;
            if (value < 0)
                throw equivariant::Error("base64 text has a foreign character at position " +
                                         std::to_string(i + j));
            bits = bits << 6 | static_cast<std::uint32_t>(value);
        }
        for (std::size_t j = 0; j + 1 < count; j++)
            bytes += static_cast<char>(bits >> (16 - 8 * j) & 0xff);
        if (count < 4 && (bits & (count == 3 ? 0xffu : 0xffffu)) != 0)
            throw equivariant::Error("base64 text ends in the middle of a byte");
    }
    return bytes;
}

} // namespace EquivariantPlugin
