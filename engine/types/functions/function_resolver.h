#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/types/functions/function.h"
#include "engine/types/literals.h"

namespace engine::types {

/// What the resolver wants to know of an argument (AssignmentTestable). The parser's terms and
/// selectors implement it; TypedArgument and ConstantArgument serve most of them.
class ArgumentTerm {
public:
    virtual ~ArgumentTerm() = default;

    /// testAssignment.
    virtual Assignment assignableTo(const TypePtr& type) const = 0;
    /// getCompatibleTypeIfKnown: its type, or the one it would take by itself; nullptr if unknown.
    virtual TypePtr compatibleType() const = 0;
    /// As messages print it.
    virtual std::string text() const = 0;
    virtual bool isMarker() const { return false; }
    /// How many elements a literal in square brackets in a select list has.
    virtual std::optional<std::size_t> arrayLiteralSize() const { return std::nullopt; }
};

/// A column, or any term whose type is known.
class TypedArgument : public ArgumentTerm {
public:
    TypedArgument(TypePtr type, std::string text)
        : m_type(std::move(type)), m_text(std::move(text)) {}

    Assignment assignableTo(const TypePtr& type) const override {
        return typeAssignment(*m_type, *type);
    }
    TypePtr compatibleType() const override { return m_type; }
    std::string text() const override { return m_text; }

private:
    const TypePtr m_type;
    const std::string m_text;
};

/// A constant as the lexer found it: `text` without quotes.
class ConstantArgument : public ArgumentTerm {
public:
    ConstantArgument(Constant constant, std::string text)
        : m_constant(constant), m_text(std::move(text)) {}

    Assignment assignableTo(const TypePtr& type) const override {
        return constantAssignment(m_constant, m_text, *type);
    }
    TypePtr compatibleType() const override { return preferredType(m_constant, m_text); }
    std::string text() const override {
        return m_constant == Constant::String ? quoteString(m_text) : m_text;
    }

private:
    const Constant m_constant;
    const std::string m_text;
};

/// A bind marker or NULL: fits everywhere, has no type of its own.
class UntypedArgument : public ArgumentTerm {
public:
    UntypedArgument(std::string text, bool marker) : m_text(std::move(text)), m_marker(marker) {}

    Assignment assignableTo(const TypePtr&) const override { return Assignment::WeaklyAssignable; }
    TypePtr compatibleType() const override { return nullptr; }
    std::string text() const override { return m_text; }
    bool isMarker() const override { return m_marker; }

private:
    const std::string m_text;
    const bool m_marker;
};

struct FunctionCall {
    FunctionName name;  // As written.
    std::span<const ArgumentTerm* const> arguments;
    TypePtr receiver;  // The type the result has to fit, where one is known; else nullptr.
    /// User functions of that name in the keyspace named or current, and token() of the table
    /// (see tokenFunction), which depends on it.
    std::span<const FunctionPtr> otherCandidates;
};

/// FunctionResolver.get: the function a call means; nullptr when there is none of that name (the
/// caller words the message); an Invalid error when the arguments fit none or several.
Result<FunctionPtr> resolveFunction(const FunctionCall& call);

/// The hidden functions behind operators and CAST.
FunctionName operatorFunction(char symbol);  // + - * / %
FunctionName negationFunction();
/// `cast_as_<type>`, which need not exist.
FunctionName castFunction(std::string_view cqlTypeName);

}  // namespace engine::types
