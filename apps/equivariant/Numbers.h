// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace equivariant::command {

/// The value of a whole token, or nothing if it is not a number of that type.
template <class T> std::optional<T> convert(std::string_view token) {
    if (!token.empty() && token.front() == '+')
        token.remove_prefix(1);
    T value;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc() || end != token.data() + token.size())
        return std::nullopt;
    return value;
}

} // namespace equivariant::command
