// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <string>

namespace equivariant::test {

/// Whether a call throws an exception of one type whose message is one line and has a certain part.
template <class Exception, class Function>
::testing::AssertionResult throwsNaming(const std::string& part, Function&& function) {
    try {
        function();
    } catch (const Exception& error) {
        const std::string message = error.what();
        if (message.find(part) == std::string::npos)
            return ::testing::AssertionFailure()
                   << "the message lacks '" << part << "': " << message;
        if (message.find('\n') != std::string::npos)
            return ::testing::AssertionFailure() << "the message has several lines: " << message;
        return ::testing::AssertionSuccess() << message;
    }
    return ::testing::AssertionFailure() << "nothing was thrown";
}

} // namespace equivariant::test
