#include "engine/observe/codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <type_traits>

namespace engine::observe {

namespace json = boost::json;

namespace {

/// Has `fields()`: a struct of ours inside an event.
template <typename T>
concept Fielded = requires(T t) { t.fields([](const char*, auto&) {}); };

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// ---- binary ------------------------------------------------------------------------------------

template <typename T>
void put(ByteWriter& out, T& value);

struct Put {
    ByteWriter& out;
    template <typename T>
    void operator()(const char*, T& value) {
        put(out, value);
    }
};

template <typename T>
void put(ByteWriter& out, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        out.blob(value);
    } else if constexpr (std::is_same_v<T, Uuid>) {
        out.u64(value.high);
        out.u64(value.low);
    } else if constexpr (std::is_same_v<T, bool>) {
        out.boolean(value);
    } else if constexpr (std::is_floating_point_v<T>) {
        out.f64(value);
    } else if constexpr (std::is_unsigned_v<T>) {
        out.unsignedVint(value);
    } else if constexpr (std::is_integral_v<T>) {
        out.vint(value);
    } else if constexpr (kIsVector<T>) {
        out.unsignedVint(value.size());
        for (auto& item : value) {
            put(out, item);
        }
    } else if constexpr (Fielded<T>) {
        value.fields(Put{out});
    } else {  // A pair.
        put(out, value.first);
        put(out, value.second);
    }
}

template <typename T>
void get(ByteReader& in, T& value);

struct Get {
    ByteReader& in;
    template <typename T>
    void operator()(const char*, T& value) {
        get(in, value);
    }
};

template <typename T>
void get(ByteReader& in, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        value = in.blob();
    } else if constexpr (std::is_same_v<T, Uuid>) {
        value.high = in.u64();
        value.low = in.u64();
    } else if constexpr (std::is_same_v<T, bool>) {
        value = in.boolean();
    } else if constexpr (std::is_floating_point_v<T>) {
        value = static_cast<T>(in.f64());
    } else if constexpr (std::is_unsigned_v<T>) {
        value = static_cast<T>(in.unsignedVint());
    } else if constexpr (std::is_integral_v<T>) {
        value = static_cast<T>(in.vint());
    } else if constexpr (kIsVector<T>) {
        const std::uint64_t count = in.unsignedVint();
        value.clear();
        // Every element takes a byte at least, so a false count ends at the end of the bytes.
        for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
            get(in, value.emplace_back());
        }
    } else if constexpr (Fielded<T>) {
        value.fields(Get{in});
    } else {
        get(in, value.first);
        get(in, value.second);
    }
}

template <std::size_t I = 0>
bool getBody(ByteReader& in, std::size_t index, EventBody& body) {
    if constexpr (I < std::variant_size_v<EventBody>) {
        if (index == I) {
            get(in, body.emplace<I>());
            return true;
        }
        return getBody<I + 1>(in, index, body);
    } else {
        return false;
    }
}

// ---- JSON --------------------------------------------------------------------------------------

/// Bytes that are not text are told in hexadecimal.
bool isText(const std::string& bytes) {
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte >= 0x7f) {
            return false;
        }
    }
    return true;
}

template <typename T>
json::value asJson(T& value);

struct ToJson {
    json::object& out;
    template <typename T>
    void operator()(const char* name, T& value) {
        out[name] = asJson(value);
    }
};

template <typename T>
json::value asJson(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        return json::value(isText(value) ? value : "0x" + toHex(value));
    } else if constexpr (std::is_same_v<T, Uuid>) {
        return json::value(value.toString());
    } else if constexpr (std::is_arithmetic_v<T>) {
        return json::value(value);
    } else if constexpr (kIsVector<T>) {
        json::array out;
        for (auto& item : value) {
            out.push_back(asJson(item));
        }
        return out;
    } else if constexpr (Fielded<T>) {
        json::object out;
        value.fields(ToJson{out});
        return out;
    } else {
        return json::array{asJson(value.first), asJson(value.second)};
    }
}

struct ToText {
    std::string& out;
    template <typename T>
    void operator()(const char* name, T& value) {
        const json::value asValue = asJson(value);
        out += fmt::format(" {}={}", name,
                           asValue.is_string() ? std::string(asValue.as_string()) : json::serialize(asValue));
    }
};

}  // namespace

Bytes encode(const Event& event) {
    ByteWriter out;
    out.u8(static_cast<std::uint8_t>(event.body.index()));
    out.blob(event.node);
    out.vint(event.nanos);
    out.vint(event.wallMicros);
    out.unsignedVint(event.sequence);
    // fields() serves readers too and so is not const; writing changes nothing.
    std::visit([&out](auto& body) { put(out, body); }, const_cast<EventBody&>(event.body));
    return out.take();
}

Result<Event> decode(BytesView bytes) {
    ByteReader in(bytes);
    const std::size_t type = in.u8();
    Event event;
    event.node = in.blob();
    event.nanos = in.vint();
    event.wallMicros = in.vint();
    event.sequence = in.unsignedVint();
    if (!getBody(in, type, event.body)) {
        return makeError(ErrorKind::Corrupt, fmt::format("event of unknown type {} at byte 0", type));
    }
    if (in.failed() || !in.atEnd()) {
        return makeError(ErrorKind::Corrupt,
                         fmt::format("event {} of {} bytes: {} at byte {}", nameOf(event), bytes.size(),
                                     in.failed() ? "truncated" : "more than expected", in.offset()));
    }
    return event;
}

std::string toJson(const Event& event) {
    json::object out;
    out["node"] = event.node;
    out["nanos"] = event.nanos;
    out["wallMicros"] = event.wallMicros;
    out["sequence"] = event.sequence;
    out["category"] = std::string(toString(categoryOf(event)));
    out["event"] = std::string(nameOf(event));
    std::visit([&out](auto& body) { body.fields(ToJson{out}); }, const_cast<EventBody&>(event.body));
    return json::serialize(out);
}

std::string toText(const Event& event) {
    std::string out = fmt::format("{} {}", event.node, nameOf(event));
    std::visit([&out](auto& body) { body.fields(ToText{out}); }, const_cast<EventBody&>(event.body));
    return out;
}

}  // namespace engine::observe
