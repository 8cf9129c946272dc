// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equivariant::command {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// Splits the second line of an extended XYZ frame into keys and values. Values may be quoted ("…"
/// or '…', with backslash escapes) or bracketed ([…] or {…}); a bare key has the value "T".
/// Throws Error saying what is wrong, without the place.
KeyValues parseCommentLine(std::string_view line);

/// A value as it can stand in such a line: quoted where that is needed.
std::string quoteValue(const std::string& value);

/// Text of a file as it can stand in an error message: printable and short.
std::string excerpt(std::string_view text);

} // namespace equivariant::command
