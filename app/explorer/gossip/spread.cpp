#include "app/explorer/gossip/spread.h"

#include <algorithm>
#include <cmath>

namespace app::explorer::gossip {

using engine::observe::EndpointKnowledge;
using engine::observe::GossipRound;

void SpreadLog::take(const sources::SourceBatch& batch) {
    for (const auto& event : batch.events) {
        if (const auto* round = std::get_if<GossipRound>(&event.body)) {
            auto& versions = m_versions[event.node];
            if (!versions.empty() && round->heartbeat <= versions.back().heartbeat) {
                versions.clear();  // Started again: its versions count from one.
                m_latest.erase(event.node);
            }
            versions.push_back({round->heartbeat, event.nanos, {}});
            for (const auto& [observer, latest] : m_latest[event.node]) {
                if (latest.first >= round->heartbeat) {
                    versions.back().known.emplace(observer, std::max(latest.second, event.nanos));
                }
            }
            if (versions.size() > kVersionsMax) {
                versions.pop_front();
            }
        } else if (const auto* known = std::get_if<EndpointKnowledge>(&event.body); known != nullptr && known->subject != event.node) {
            m_latest[known->subject][event.node] = {known->heartbeat, event.nanos};
            const auto at = m_versions.find(known->subject);
            if (at == m_versions.end()) {
                continue;
            }
            // Who hears of a version has heard of all before it.
            for (auto version = at->second.rbegin(); version != at->second.rend(); ++version) {
                if (version->heartbeat > known->heartbeat) {
                    continue;
                }
                if (!version->known.emplace(event.node, event.nanos).second) {
                    break;
                }
            }
        }
    }
}

const std::deque<SpreadLog::Version>& SpreadLog::of(const std::string& subject) const {
    static const std::deque<Version> kNone;
    const auto at = m_versions.find(subject);
    return at == m_versions.end() ? kNone : at->second;
}

std::vector<double> Spread::expected(int nodes) {
    std::vector<double> out{1};
    const double others = nodes - 1;
    for (int round = 1; round <= kRounds; ++round) {
        const double know = out.back();
        // One that does not know stays so when nobody who knows calls it, and it calls nobody who knows.
        const double missed = others <= 0 ? 0 : std::pow(1 - 1 / others, know) * (1 - know / others);
        out.push_back(std::min<double>(nodes, know + (nodes - know) * (1 - std::max(0.0, missed))));
    }
    return out;
}

Spread Spread::compute(const SpreadLog& log, const std::string& subject, int nodes, std::int64_t now, QRectF card) {
    Spread out;
    out.subject = subject;
    out.nodes = nodes;
    out.card = card;
    out.plot = QRectF(card.left() + 52, card.top() + 62, card.width() - 52 - (card.width() > 560 ? 220 : 24), card.height() - 62 - 56);
    out.theory = expected(nodes);
    out.mean.assign(kRounds + 1, 0);
    out.least.assign(kRounds + 1, nodes);
    out.most.assign(kRounds + 1, 0);
    double allAfter = 0;
    int reachedAll = 0;
    for (const SpreadLog::Version& version : log.of(subject)) {
        if (version.born + kRounds * kRoundNanos > now) {
            continue;
        }
        ++out.versions;
        std::int64_t last = 0;
        for (const auto& [observer, at] : version.known) {
            last = std::max(last, at);
        }
        if (static_cast<int>(version.known.size()) + 1 >= nodes) {
            ++reachedAll;
            allAfter += static_cast<double>(last - version.born) / kRoundNanos;
        }
        for (int round = 0; round <= kRounds; ++round) {
            const std::int64_t until = version.born + round * kRoundNanos;
            const auto count = 1.0 + static_cast<double>(std::count_if(version.known.begin(), version.known.end(),
                                                                       [until](const auto& one) { return one.second <= until; }));
            const auto i = static_cast<std::size_t>(round);
            out.mean[i] += count;
            out.least[i] = std::min(out.least[i], count);
            out.most[i] = std::max(out.most[i], count);
        }
    }
    for (double& count : out.mean) {
        count /= std::max(1, out.versions);
    }
    out.everybodyAfter = reachedAll > 0 ? allAfter / reachedAll : -1;
    return out;
}

}  // namespace app::explorer::gossip
