#include "app/explorer/request_story.h"

#include <algorithm>
#include <limits>
#include <map>

namespace app::explorer {

using engine::observe::AckView;
using engine::observe::MessageView;
using engine::observe::RequestView;
using engine::observe::WorkView;

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

bool endsWith(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && std::string_view(text).substr(text.size() - end.size()) == end;
}

std::int64_t firstTime(const MessageView& m) { return m.sentNanos != 0 ? m.sentNanos : m.receivedNanos; }

/// Messages in order of their first time.
std::vector<const MessageView*> ordered(const RequestView& request) {
    std::vector<const MessageView*> out;
    for (const MessageView& message : request.messages) {
        out.push_back(&message);
    }
    std::stable_sort(out.begin(), out.end(), [](const MessageView* a, const MessageView* b) {
        return firstTime(*a) < firstTime(*b);
    });
    return out;
}

class Teller {
public:
    explicit Teller(RequestStory& story) : m_story(story), m_request(*story.request) {}

    void tell() {
        addRequests();
        addReplies();
        addLocal();
        addWork();
        addAcks();
        setTimes();
        sort();
    }

private:
    std::vector<Leg*> legsOf(const std::string& replica) {
        std::vector<Leg*> out;
        for (Leg& leg : m_story.legs) {
            if (leg.replica == replica) {
                out.push_back(&leg);
            }
        }
        return out;
    }

    void addRequests() {
        for (const MessageView* message : ordered(m_request)) {
            if (message->from != m_request.coordinator || endsWith(message->verb, "_RSP")) {
                continue;
            }
            Leg leg;
            leg.replica = message->to;
            leg.isLocal = message->to == m_request.coordinator;
            leg.verb = message->verb;
            leg.isRepair = message->verb.starts_with("READ_REPAIR");
            leg.round = static_cast<int>(legsOf(message->to).size());
            leg.sent = message->sentNanos;
            leg.arrived = message->receivedNanos;
            m_story.legs.push_back(std::move(leg));
        }
    }

    void addReplies() {
        for (const MessageView* message : ordered(m_request)) {
            if (message->to != m_request.coordinator || !endsWith(message->verb, "_RSP")) {
                continue;
            }
            for (Leg* leg : legsOf(message->from)) {
                if (leg->replyVerb.empty()) {
                    leg->replyVerb = message->verb;
                    leg->replied = message->sentNanos;
                    leg->landed = message->receivedNanos;
                    break;
                }
            }
        }
    }

    /// The coordinator's own errands need no message; they show by work and by an answer.
    void addLocal() {
        const std::string& self = m_request.coordinator;
        if (self.empty() || !legsOf(self).empty()) {
            return;
        }
        const auto& contacted = m_request.info.contacted;
        const bool named = std::find(contacted.begin(), contacted.end(), self) != contacted.end();
        const auto acks = std::count_if(m_request.acks.begin(), m_request.acks.end(),
                                        [&](const AckView& ack) { return ack.replica == self; });
        for (int round = 0; round < std::max<int>(static_cast<int>(acks), named ? 1 : 0); ++round) {
            Leg leg;
            leg.replica = self;
            leg.isLocal = true;
            leg.round = round;
            leg.sent = leg.arrived = m_request.info.plannedNanos;
            m_story.legs.push_back(std::move(leg));
        }
    }

    void addWork() {
        std::map<std::pair<std::string, std::string>, std::size_t> seen;
        for (const WorkView& work : m_request.work) {
            // What the coordinator does by itself (a phase of Paxos, a hint) is no replica's.
            if (work.phase != "commitlog" && work.phase != "memtable" && work.phase != "read") {
                continue;
            }
            // To the errand under way when the work began, else to the one after those that have some.
            const auto legs = legsOf(work.node);
            const std::size_t nth = seen[{work.node, work.phase}]++;
            Leg* at = nullptr;
            for (Leg* leg : legs) {
                at = leg->arrived != 0 && leg->arrived <= work.startNanos ? leg : at;
            }
            const bool local = !legs.empty() && legs.front()->isLocal;
            if (local || (at == nullptr && !legs.empty())) {
                at = legs[std::min(nth, legs.size() - 1)];
            }
            if (at != nullptr) {
                at->work.push_back(work);
            }
        }
    }

    void addAcks() {
        std::map<std::string, std::size_t> seen;
        for (const AckView& ack : m_request.acks) {
            const auto legs = legsOf(ack.replica);
            const std::size_t nth = seen[ack.replica]++;
            if (nth < legs.size()) {
                Leg& leg = *legs[nth];
                leg.acked = ack.nanos;
                leg.order = ack.order;
                leg.counted = ack.counted;
                leg.digest = ack.digest;
                leg.failed = ack.failed;
            }
        }
    }

    void setTimes() {
        const auto& info = m_request.info;
        m_story.begin = info.receivedNanos != 0 ? info.receivedNanos : m_request.startedNanos;
        m_story.parsed = info.parsedNanos;
        m_story.planned = info.plannedNanos;
        m_story.met = m_request.levelMetNanos;
        m_story.answered = m_request.answeredNanos;
        std::int64_t end = std::max({m_story.begin, m_story.met, m_story.answered, m_request.mismatchNanos});
        for (const Leg& leg : m_story.legs) {
            end = std::max({end, leg.sent, leg.arrived, leg.workEnd(), leg.replied, leg.landed, leg.acked});
        }
        m_story.end = end;
        if (m_story.begin == 0) {
            m_story.begin = kNever;
            for (const MessageView& message : m_request.messages) {
                m_story.begin = std::min(m_story.begin, firstTime(message));
            }
            m_story.begin = m_request.messages.empty() ? end : m_story.begin;
            m_story.end = std::max(m_story.end, m_story.begin);
        }
        m_story.isWrite = info.kind == "WRITE" || info.kind == "BATCH" || info.kind == "COUNTER" ||
                          std::any_of(m_story.legs.begin(), m_story.legs.end(), [](const Leg& leg) {
                              return leg.verb.starts_with("MUTATION") || leg.verb.starts_with("COUNTER");
                          });
    }

    void sort() {
        const auto key = [](const Leg& leg) {
            const std::int64_t late = leg.acked == 0 ? kNever : leg.acked;
            return std::tuple(leg.round, leg.counted ? 0 : 1, leg.counted ? std::int64_t(leg.order) : late);
        };
        std::stable_sort(m_story.legs.begin(), m_story.legs.end(),
                         [&](const Leg& a, const Leg& b) { return key(a) < key(b); });
    }

    RequestStory& m_story;
    const RequestView& m_request;
};

}  // namespace

std::int64_t Leg::workEnd() const {
    std::int64_t end = 0;
    for (const WorkView& part : work) {
        end = std::max(end, part.endNanos);
    }
    return end;
}

Stage Leg::stageAt(std::int64_t now) const {
    const auto passed = [now](std::int64_t at) { return at != 0 && at <= now; };
    if (passed(acked)) {
        return Stage::Answered;
    }
    if (passed(replied)) {
        return Stage::Answering;
    }
    Stage stage = passed(arrived) ? Stage::Arrived : passed(sent) ? Stage::OnItsWay : Stage::NotSent;
    for (const WorkView& part : work) {
        if (passed(part.endNanos)) {
            stage = std::max(stage, part.phase == "commitlog" ? Stage::Logged : Stage::Applied);
        }
    }
    return stage;
}

RequestStory RequestStory::of(RequestPtr request) {
    RequestStory story;
    story.request = std::move(request);
    if (story.request) {
        Teller(story).tell();
    }
    return story;
}

std::uint32_t RequestStory::countedAt(std::int64_t now) const {
    return static_cast<std::uint32_t>(std::count_if(legs.begin(), legs.end(), [now](const Leg& leg) {
        return leg.round == 0 && leg.counted && leg.acked <= now;
    }));
}

int RequestStory::lateAt(std::int64_t now) const {
    return static_cast<int>(std::count_if(legs.begin(), legs.end(),
                                          [now](const Leg& leg) { return leg.isLate() && leg.acked <= now; }));
}

int RequestStory::inFlightAt(std::int64_t now) const {
    return static_cast<int>(std::count_if(legs.begin(), legs.end(), [now](const Leg& leg) {
        const auto under = [now](std::int64_t from, std::int64_t to) {
            return from != 0 && from <= now && (to == 0 || to > now);
        };
        return !leg.isLocal && (under(leg.sent, leg.arrived) || under(leg.replied, leg.landed));
    }));
}

const Leg* RequestStory::decider() const {
    const Leg* last = nullptr;
    for (const Leg& leg : legs) {
        if (leg.counted && leg.round == 0 && (last == nullptr || leg.acked > last->acked)) {
            last = &leg;
        }
    }
    return met != 0 ? last : nullptr;
}

bool isOfConsole(const RequestView& request) { return request.info.clientName.starts_with("Ringside"); }

RequestPtr newestOfConsole(const engine::observe::ClusterState& state) {
    for (auto id = state.requestOrder.rbegin(); id != state.requestOrder.rend(); ++id) {
        auto request = state.request(*id);
        if (request && request->started && isOfConsole(*request) && !request->info.replicas.empty()) {
            return request;
        }
    }
    return nullptr;
}

}  // namespace app::explorer
