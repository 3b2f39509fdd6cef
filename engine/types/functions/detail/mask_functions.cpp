#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "engine/types/detail/big_number.h"
#include "engine/types/functions/detail/registry.h"

namespace engine::types::detail {
namespace {

const NativeScalar::Traits kSeesNulls{.nulls = NativeScalar::Nulls::Pass};

/// What mask_default puts in place of a value (AbstractType.getMaskedValue).
Bytes maskedValue(const DataType& type) {
    switch (type.kind()) {
        case Kind::Ascii:
        case Kind::Text:
            return "****";
        case Kind::Bigint:
        case Kind::Counter:
        case Kind::Timestamp:
        case Kind::Time:
            return encodeBigint(0);
        case Kind::Boolean:
        case Kind::Tinyint:
        case Kind::Varint:
            return Bytes(1, '\0');
        case Kind::Decimal:
            return BigDecimal().toBytes();
        case Kind::Double:
            return encodeDouble(0);
        case Kind::Float:
        case Kind::Int:
        case Kind::Inet:
            return Bytes(4, '\0');
        case Kind::Date:
            return encodeDate(0);
        case Kind::Smallint:
            return encodeSmallint(0);
        case Kind::Duration:
            return encodeDuration({});
        case Kind::Uuid:
            return Bytes(16, '\0');
        case Kind::Timeuuid:
            return *fromHex("138140001dd211b28080808080808080");  // min_timeuuid(0)
        case Kind::List:
        case Kind::Set:
        case Kind::Map:
            return packList({});
        case Kind::Vector: {
            const std::vector<Bytes> elements(static_cast<std::size_t>(type.dimension()),
                                              maskedValue(*type.element()));
            return packVector(type, elements);
        }
        case Kind::Tuple:
        case Kind::Udt: {
            std::vector<Value> components;
            for (const TypePtr& element : type.elements()) {
                components.push_back(maskedValue(*element));
            }
            return packTuple(components);
        }
        default:
            return {};
    }
}

Result<FunctionPtr> makeNull(const std::vector<TypePtr>& types, const TypePtr&) {
    return scalar(
        "mask_null", types, types[0],
        [](const FunctionContext&, Arguments) -> Result<Value> { return Value(); }, kSeesNulls);
}

Result<FunctionPtr> makeDefault(const std::vector<TypePtr>& types, const TypePtr&) {
    return scalar(
        "mask_default", types, udfType(types[0]),
        [masked = maskedValue(*types[0])](const FunctionContext&, Arguments) -> Result<Value> {
            return Value(masked);
        },
        kSeesNulls);
}

Result<FunctionPtr> makeReplace(const std::vector<TypePtr>& types, const TypePtr&) {
    return scalar(
        "mask_replace", types, types[0],
        [](const FunctionContext&, Arguments arguments) -> Result<Value> {
            return arguments[1] ? Value(Bytes(*arguments[1])) : Value();
        },
        kSeesNulls);
}

/// Where each character of a UTF-8 text starts, and its end.
std::vector<std::size_t> characterStarts(BytesView text) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            starts.push_back(i);
        }
    }
    starts.push_back(text.size());
    return starts;
}

/// PartialMaskingFunction: pads the middle of a text, or what is outside of it.
Bytes maskPart(BytesView text, std::int64_t left, std::int64_t right, BytesView padding,
               bool inner) {
    const std::vector<std::size_t> starts = characterStarts(text);
    const auto count = static_cast<std::int64_t>(starts.size()) - 1;
    Bytes out;
    for (std::int64_t i = 0; i < count; ++i) {
        const bool inside = i >= left && i < count - right;
        const auto at = static_cast<std::size_t>(i);
        out += inside == inner ? padding : text.substr(starts[at], starts[at + 1] - starts[at]);
    }
    return out;
}

/// Arguments that are words are declared as texts, whatever their literals would be by themselves.
std::vector<TypePtr> withText(std::vector<TypePtr> types, std::size_t from) {
    for (std::size_t i = from; i < types.size(); ++i) {
        types[i] = text();
    }
    return types;
}

Maker makePartial(const std::string& name, bool inner) {
    return [name, inner](const std::vector<TypePtr>& types, const TypePtr&) -> Result<FunctionPtr> {
        const Body body = [name, inner](const FunctionContext&,
                                        Arguments arguments) -> Result<Value> {
            const bool padded = arguments.size() > 3 && arguments[3];
            const BytesView padding = padded ? *arguments[3] : BytesView("*");
            const std::size_t length = characterStarts(padding).size() - 1;
            if (length != 1) {
                return invalid(
                    fmt::format("The padding argument for function {}.{} should be "
                                "single-character, but '{}' has {} characters.",
                                kNativeKeyspace, name, padding, length));
            }
            if (!arguments[0]) {
                return Value();
            }
            const auto number = [&arguments](std::size_t i) {
                return arguments[i] ? std::max(0, decodeInt(*arguments[i])) : 0;
            };
            return Value(maskPart(*arguments[0], number(1), number(2), padding, inner));
        };
        return scalar(name, withText(types, 3), types[0], body, kSeesNulls);
    };
}

Result<Bytes> hash(BytesView bytes, const std::string& algorithm) {
    const EVP_MD* digest = EVP_get_digestbyname(algorithm.c_str());
    if (digest == nullptr) {
        return invalid("Hash algorithm not found: " + algorithm);
    }
    Bytes out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
               digest, nullptr);
    out.resize(size);
    return out;
}

Result<FunctionPtr> makeHash(const std::vector<TypePtr>& types, const TypePtr&) {
    const Body body = [](const FunctionContext&, Arguments arguments) -> Result<Value> {
        if (!arguments[0]) {
            return Value();
        }
        const bool named = arguments.size() > 1 && arguments[1];
        TRY_ASSIGN(Bytes bytes,
                   hash(*arguments[0], named ? std::string(*arguments[1]) : "SHA-256"));
        return Value(std::move(bytes));
    };
    return scalar("mask_hash", withText(types, 1), blob(), body, kSeesNulls);
}

}  // namespace

void addMaskFunctions(Registry& registry) {
    const Parameter length = fixedTypes({int32()}, "int");
    const Parameter word = fixedTypes({text()}, "text");
    registry.add("mask_null", {anyType(false)}, makeNull);
    registry.add("mask_default", {anyType(false)}, makeDefault);
    registry.add("mask_replace", {anyType(true), sameAs(0, true, anyType(true))}, makeReplace);
    registry.add("mask_inner", {stringType(), length, length, optional(word)},
                 makePartial("mask_inner", true));
    registry.add("mask_outer", {stringType(), length, length, optional(word)},
                 makePartial("mask_outer", false));
    registry.add("mask_hash", {anyType(false), optional(word)}, makeHash);
}

}  // namespace engine::types::detail
