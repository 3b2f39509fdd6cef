#include "engine/admin/pace.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace engine::admin {

namespace json = boost::json;

namespace {

constexpr int kPaceChangeMillis = 2000;

Result<double> askPace(const AdminAddress& at, const json::object& params, int timeoutMillis) {
    TRY_ASSIGN(const auto text, call(at, "pace", json::serialize(params), timeoutMillis));
    boost::system::error_code broken;
    const json::value answer = json::parse(text, broken);
    if (broken || !answer.is_object() || !answer.as_object().contains("factor")) {
        return makeError(ErrorKind::Protocol, "pace: the node's answer holds no factor");
    }
    const double factor = answer.at("factor").to_number<double>(broken);
    if (broken) {
        return makeError(ErrorKind::Protocol, "pace: the node's factor is no number");
    }
    return factor;
}

}  // namespace

Result<std::string> changePace(runtime::Clock& clock, const std::string& params) {
    boost::system::error_code broken;
    const json::value parsed = json::parse(params, broken);
    if (broken || !parsed.is_object()) {
        return invalid("params must be an object");
    }
    if (const json::value* wanted = parsed.as_object().if_contains("factor")) {
        const double factor = wanted->to_number<double>(broken);
        if (broken || !(factor >= 1 && factor <= kPaceMax)) {
            return invalid(fmt::format("pace: factor must be a number from 1 to {}", kPaceMax));
        }
        clock.setDilation(factor);
    }
    return json::serialize(json::object{{"factor", clock.dilation()}});
}

Result<double> paceOf(const AdminAddress& at, int timeoutMillis) { return askPace(at, {}, timeoutMillis); }

Result<void> setPace(const AdminAddress& at, double factor) {
    TRY(askPace(at, {{"factor", factor}}, kPaceChangeMillis));
    return ok();
}

}  // namespace engine::admin
