// SPDX-License-Identifier: MIT
#include "CommentLine.h"

#include "equivariant/Error.h"

#include <algorithm>

namespace equivariant::command {

namespace {

bool isSpace(char c) {
    return c == ' ' || c == '\t';
}

/// Takes one piece after the other off the front of a line.
class Scanner {
public:
    explicit Scanner(std::string_view rest) : rest(rest) {}

    bool atEnd() {
        while (!rest.empty() && isSpace(rest.front()))
            rest.remove_prefix(1);
        return rest.empty();
    }

    bool take(char c) {
        if (rest.empty() || rest.front() != c)
            return false;
        rest.remove_prefix(1);
        return true;
    }

    std::string takeKey() {
        if (!rest.empty() && (rest.front() == '"' || rest.front() == '\''))
            return takeQuoted();
        std::size_t length = 0;
        while (length < rest.size() && !isSpace(rest[length]) && rest[length] != '=')
            length++;
        if (length == 0)
            throw Error("a '=' without a key before it");
        return takeText(length);
    }

    std::string takeValue() {
        if (rest.empty() || isSpace(rest.front()))
            return "";
        if (rest.front() == '"' || rest.front() == '\'')
            return takeQuoted();
        if (rest.front() == '[' || rest.front() == '{')
            return takeBracketed();
        std::size_t length = 0;
        while (length < rest.size() && !isSpace(rest[length]))
            length++;
        return takeText(length);
    }

private:
    std::string takeText(std::size_t length) {
        const std::string text(rest.substr(0, length));
        rest.remove_prefix(length);
        return text;
    }

    std::string takeQuoted() {
        const char quote = rest.front();
        std::string text;
        for (std::size_t i = 1; i < rest.size(); i++) {
            if (rest[i] == quote) {
                rest.remove_prefix(i + 1);
                return text;
            }
            if (rest[i] == '\\' && i + 1 < rest.size())
                i++;
            text += rest[i];
        }
        throw Error(std::string("a quote ") + quote + " that does not end");
    }

    std::string takeBracketed() {
        int depth = 0;
        for (std::size_t i = 0; i < rest.size(); i++) {
            if (rest[i] == '[' || rest[i] == '{')
                depth++;
            if (rest[i] == ']' || rest[i] == '}')
                depth--;
            if (depth == 0)
                return takeText(i + 1);
        }
        throw Error(std::string("a bracket ") + rest.front() + " that does not end");
    }

    std::string_view rest;
};

} // namespace

KeyValues parseCommentLine(std::string_view line) {
    KeyValues result;
    Scanner scanner(line);
    while (!scanner.atEnd()) {
        std::string key = scanner.takeKey();
        std::string value = scanner.take('=') ? scanner.takeValue() : "T";
        result.emplace_back(std::move(key), std::move(value));
    }
    return result;
}

std::string quoteValue(const std::string& value) {
    const auto special = [](char c) {
        return isSpace(c) || c == '"' || c == '\'' || c == '\\' || c == '=' || c == '[' ||
               c == '{' || c == ',';
    };
    if (!value.empty() && std::none_of(value.begin(), value.end(), special))
        return value;
    std::string quoted = "\"";
    for (char c : value) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t longest = 40;
    std::string result(text.substr(0, longest));
    for (char& c : result)
        if (static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126)
            c = '?';
    return result + (text.size() > longest ? "..." : "");
}

} // namespace equivariant::command
