#pragma once

#include <fstream>
#include <string>
#include <vector>

/// A statement and what Apache Cassandra says to it, from tests/engine/cql/syntax/data.
struct GoldenAnswer {
    std::string statement;
    std::string answer;
};

inline std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
    return out;
}

inline std::vector<GoldenAnswer> readGolden(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<GoldenAnswer> answers;
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("> ")) {
            GoldenAnswer& answer = answers.emplace_back();
            answer.statement = unescaped(line.substr(2));
            std::getline(file, line);
            answer.answer = unescaped(line);
        }
    }
    return answers;
}
