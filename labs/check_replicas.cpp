#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "labs/checks.h"
#include "labs/words.h"

namespace lab {

namespace {

/// What one node holds by itself. NODE_LOCAL (code 11, Cassandra 5.0) asks the coordinator alone and mends
/// nothing.
struct Holding {
    bool answers = false;
    bool hasRow = false;
    std::string value;  // Of the column, plain; what stands in the way when it does not answer.

    std::string words() const { return !answers ? value : hasRow ? value : "no row"; }
};

Holding lookAt(const ReplicasWants& wants, const WorldNode& node, World& world) {
    Holding out;
    if (node.process != ProcessState::Running) {
        out.value = node.process == ProcessState::Paused ? "paused" : "down";
        return out;
    }
    const auto answer = world.query({fmt::format("SELECT {} FROM {}.{} WHERE {}", wants.column.empty() ? "*" : wants.column,
                                                 wants.keyspace, wants.table, wants.where),
                                     "NODE_LOCAL", node.number});
    if (!answer) {
        out.value = answer.error().message;
        return out;
    }
    out.answers = true;
    out.hasRow = !answer.value().rows.empty();
    if (out.hasRow) {
        out.value = wants.column.empty() ? "a copy" : plain(answer.value().rows.front().front());
    }
    return out;
}

}  // namespace

CheckResult checkReplicas(const ReplicasWants& wants, const Evidence& evidence) {
    std::map<int, Holding> found;
    for (const WorldNode& node : evidence.world.nodes()) {
        found[node.number] = lookAt(wants, node, evidence.world);
    }
    CheckResult out;
    std::size_t holders = 0;
    std::map<std::string, std::size_t> values;
    for (const auto& [number, holding] : found) {
        holders += holding.hasRow ? 1 : 0;
        values[holding.value] += holding.hasRow ? 1 : 0;
        const auto wanted = wants.holds.find(number);
        if (wanted != wants.holds.end()) {
            const std::string expected = wanted->second == "-" ? "no row" : wanted->second;
            out.facts.push_back(fact(labelOf(number), expected, holding.words()));
        } else {
            out.facts.push_back({labelOf(number), wants.agree ? "the same" : "", holding.words(), true});
        }
    }
    std::size_t agreeing = 0;
    for (const auto& [value, count] : values) {
        agreeing = std::max(agreeing, count);
    }
    if (wants.copies > 0) {
        out.facts.push_back(fact("Copies", std::to_string(wants.copies), std::to_string(holders)));
        out.progress = progressOf(holders, static_cast<std::size_t>(wants.copies));
    }
    if (wants.agree) {
        out.facts.push_back({"Same value", std::to_string(holders), std::to_string(agreeing),
                             holders > 0 && agreeing == holders});
        out.progress = progressOf(agreeing, std::max<std::size_t>(holders, 1));
    }
    const bool good = std::all_of(out.facts.begin(), out.facts.end(), [](const Fact& f) { return f.agrees; });
    out.verdict = good ? Verdict::Passed : Verdict::NotShownYet;
    if (!good) {
        const auto off = std::find_if(out.facts.begin(), out.facts.end(), [](const Fact& f) { return !f.agrees; });
        out.says = fmt::format("Waiting: {} is {}, wanted {}", off->what, off->got, off->wanted);
    }
    return out;
}

}  // namespace lab
