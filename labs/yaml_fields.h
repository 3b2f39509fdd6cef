#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "labs/yaml_value.h"

namespace lab {

/// Everything wrong with one lab, a line each: "lab.yaml:12: ...".
class Problems {
public:
    void add(const std::string& file, int line, std::string_view what);
    const std::vector<std::string>& lines() const { return m_lines; }
    bool isEmpty() const { return m_lines.empty(); }

private:
    std::vector<std::string> m_lines;
};

/// Reads one map of a document field by field. What is missing, of the wrong kind or not known is
/// noted with its line and reading goes on, so that an author sees all mistakes at once. `path` names
/// the map in messages: "steps[2].checks[0]".
class YamlFields {
public:
    YamlFields(const YamlValue& map, std::string path, const std::string& file, Problems& problems);
    /// Notes the fields that nobody asked for.
    ~YamlFields();
    YamlFields(const YamlFields&) = delete;
    YamlFields& operator=(const YamlFields&) = delete;

    std::string text(std::string_view name);  // Required.
    std::string text(std::string_view name, std::string_view otherwise);
    /// Required to be one of `choices`, if it is there.
    std::string oneOf(std::string_view name, const std::vector<std::string>& choices, std::string_view otherwise);
    int number(std::string_view name, int otherwise, int least, int most);
    bool flag(std::string_view name);
    /// A list of scalars, or one scalar. Empty when it is not there.
    std::vector<std::string> texts(std::string_view name);
    std::map<std::string, std::string> textMap(std::string_view name);
    /// The items of a list; of none when it is not there.
    const std::vector<YamlValue>& list(std::string_view name);
    const YamlValue* find(std::string_view name);

    int line() const { return m_map.line; }
    std::string pathOf(std::string_view name) const;
    void problem(int line, std::string_view what) { m_problems.add(m_file, line, what); }
    const std::string& file() const { return m_file; }
    Problems& problems() { return m_problems; }

private:
    void wrongKind(std::string_view name, const YamlValue& value, std::string_view wanted);

    const YamlValue& m_map;
    const std::string m_path;
    const std::string& m_file;
    Problems& m_problems;
    std::set<std::string, std::less<>> m_asked;
};

}  // namespace lab
