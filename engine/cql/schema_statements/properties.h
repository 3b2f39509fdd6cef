#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/text.h"
#include "engine/cql/syntax/ast.h"

namespace engine::cql {

using OptionMap = std::map<std::string, std::string>;

/// The properties of one WITH clause by name, with the checks of Cassandra's PropertyDefinitions.
/// Lives while its statement runs; the properties must outlive it.
class Properties {
public:
    /// Refuses a name twice, and names that are neither known nor obsolete.
    static Result<Properties> read(const std::vector<syntax::Property>& properties,
                                   const std::set<std::string>& known,
                                   const std::set<std::string>& obsolete = {});

    bool has(const std::string& name) const { return find(name) != nullptr; }
    Result<std::optional<std::string>> text(const std::string& name) const;
    Result<std::optional<OptionMap>> map(const std::string& name) const;
    Result<std::optional<std::int32_t>> integer(const std::string& name) const;
    Result<std::optional<double>> real(const std::string& name) const;
    Result<std::optional<bool>> boolean(const std::string& name) const;

private:
    explicit Properties(const std::vector<syntax::Property>& properties)
        : m_properties(&properties) {}
    const syntax::Property* find(const std::string& name) const;

    const std::vector<syntax::Property>* m_properties;
};

/// Java's Integer.parseInt, Double.parseDouble.
std::optional<std::int32_t> parseInteger(std::string_view text);
std::optional<double> parseReal(std::string_view text);
/// As Java prints a double.
std::string realText(double value);

}  // namespace engine::cql
