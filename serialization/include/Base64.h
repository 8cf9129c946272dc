// SPDX-License-Identifier: MIT
//
// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

namespace EquivariantPlugin {

std::string encodeBase64(std::string_view bytes);

/// Throws equivariant::Error for anything that encodeBase64() does not produce: another character,
/// wrong padding, bits set behind the last byte.
std::string decodeBase64(std::string_view text);

} // namespace EquivariantPlugin
