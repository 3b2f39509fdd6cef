#include "engine/types/functions/function.h"

#include <fmt/format.h>

#include "engine/types/type_names.h"

namespace engine::types {

std::string Function::columnName(std::span<const std::string> arguments) const {
    return fmt::format("{}({})", m_name.toString(), fmt::join(arguments, ", "));
}

std::string Function::signature() const {
    std::string out;
    for (const TypePtr& type : m_argumentTypes) {
        out += (out.empty() ? "" : ", ") + cqlName(type);
    }
    return fmt::format("{} : ({}) -> {}", m_name.toString(), out, cqlName(m_returnType));
}

}  // namespace engine::types
