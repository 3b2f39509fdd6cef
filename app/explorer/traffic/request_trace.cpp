#include "app/explorer/traffic/request_trace.h"

#include <algorithm>
#include <map>

namespace app::explorer::traffic {

using namespace sheet;
using shell::Align;
using shell::Tokens;

namespace {

QString slash(const std::string& node) { return '/' + addressOf(node); }

QString micros(std::int64_t nanos) { return shell::countText(nanos / 1000); }

class Tracer {
public:
    explicit Tracer(const RequestStory& story) : m_story(story) {}

    std::vector<TraceLine> trace() {
        const auto& request = *m_story.request;
        const std::string& home = request.coordinator;
        const QString table = QString::fromStdString(request.info.table);
        add(m_story.begin, home, request.info.prepared ? "Execute CQL3 prepared query" : "Parsing the statement", "parse", m_story.parsed - m_story.begin);
        if (m_story.planned != 0) {
            const QString what = m_story.isWrite ? "Determining replicas for mutation" : "Determining replicas to read from";
            add(m_story.parsed != 0 ? m_story.parsed : m_story.planned, home, what, "plan", m_story.planned - m_story.parsed);
        }
        for (const Leg& leg : m_story.legs) {
            addLeg(leg, table);
        }
        for (const auto& work : request.work) {
            const QString phase = QString::fromStdString(work.phase);
            if (phase.startsWith("paxos ") || phase == "batchlog" || phase.startsWith("hint for ")) {
                const QString text = phase == "batchlog"          ? QString("The batch lies in the batch log")
                                     : phase.startsWith("paxos ") ? QString("Paxos: %1").arg(phase.mid(6))
                                                                  : QString("Keeping a %1").arg(phase);
                add(work.startNanos, work.node, text, phase, work.endNanos - work.startNanos);
            }
        }
        if (m_story.met != 0) {
            add(m_story.met, home, QString::fromStdString(request.info.consistency) + " is met", "level met");
        }
        if (request.mismatch) {
            add(request.mismatchNanos, home, "Digest mismatch: the replicas disagree", "mismatch");
        }
        for (const auto& repair : request.repairs) {
            add(request.mismatchNanos, home, QString("Read repair: %1 for %2").arg(shell::counted(repair.cells, "cell"), slash(repair.replica)), "read repair");
        }
        if (m_story.answered != 0) {
            add(m_story.answered, home, request.error.empty() ? QString("Request complete") : "Failed: " + QString::fromStdString(request.error), "answer");
        }
        std::stable_sort(m_out.begin(), m_out.end(), [](const auto& a, const auto& b) { return a.nanos < b.nanos; });
        return std::move(m_out);
    }

private:
    TraceLine& add(std::int64_t at, const std::string& node, const QString& text, const QString& verb, std::int64_t duration = 0) {
        TraceLine line;
        line.nanos = at;
        line.node = node;
        line.text = text;
        line.verb = verb;
        line.duration = std::max<std::int64_t>(duration, 0);
        line.afterAnswer = m_story.answered != 0 && at > m_story.answered;
        return m_out.emplace_back(std::move(line));
    }

    void addLeg(const Leg& leg, const QString& table) {
        const std::string& home = m_story.request->coordinator;
        const QString verb = QString::fromStdString(leg.verb), reply = QString::fromStdString(leg.replyVerb);
        if (!leg.isLocal && leg.sent != 0) {
            TraceLine& line = add(leg.sent, home, QString("Sending %1 to %2").arg(verb, slash(leg.replica)), verb, leg.arrived != 0 ? leg.arrived - leg.sent : 0);
            line.from = home;
            line.to = leg.replica;
        }
        for (const auto& work : leg.work) {
            const QString text = work.phase == "commitlog" ? QString("Appending to commitlog")
                                 : work.phase == "memtable" ? QString("Adding to %1 memtable").arg(table)
                                                            : QString("Reading %1: memtable and SSTables").arg(table);
            add(work.startNanos, work.node, text, QString::fromStdString(work.phase), work.endNanos - work.startNanos);
        }
        const QString counted = leg.acked == 0 ? QString() : leg.failed ? QString("failed") : leg.counted ? QString::number(leg.order) : QString("late");
        if (leg.landed != 0) {
            TraceLine& line = add(leg.landed, home, QString("%1 from %2").arg(reply, slash(leg.replica)), reply, leg.replied != 0 ? leg.landed - leg.replied : 0);
            line.from = leg.replica;
            line.to = home;
            line.counted = counted;
        } else if (leg.isLocal && leg.acked != 0) {
            add(leg.acked, home, "Its own answer", "local").counted = counted;
        }
    }

    const RequestStory& m_story;
    std::vector<TraceLine> m_out;
};

}  // namespace

EachOf eachOf(const engine::observe::RequestStarted& info) {
    if (!info.contacted.empty() || info.required == 0) {
        return EachOf::Alone;
    }
    return info.kind == "RANGE" ? EachOf::Range : EachOf::Key;
}

std::vector<TraceLine> traceOf(const RequestStory& story) {
    return story.request && story.request->started ? Tracer(story).trace() : std::vector<TraceLine>();
}

std::vector<RowsModel::Row> traceRows(const RequestStory& story, const Nodes& nodes) {
    std::vector<RowsModel::Row> rows;
    for (const TraceLine& line : traceOf(story)) {
        rows.push_back({shell::millisText(line.nanos - story.begin), labelIn(nodes, line.node), line.verb, line.from.empty() ? QString() : labelIn(nodes, line.from),
                        line.to.empty() ? QString() : labelIn(nodes, line.to), line.duration > 0 ? shell::millisText(line.duration) : QString(), line.counted});
    }
    return rows;
}

QString whyText(const RequestStory& story, const Nodes& nodes) {
    const Leg* decider = story.decider();
    if (decider == nullptr || story.answered == 0) {
        return {};
    }
    const auto& info = story.request->info;
    const QString name = labelIn(nodes, decider->replica);
    QString text = QString("%1's answer at %2 was the %3 of %4, so %1 decided how long the client waited.")
                       .arg(name, shell::millisText(decider->acked - story.begin), ordinalText(static_cast<int>(decider->order))).arg(info.required);
    if (story.request->mismatch) {
        text += QString(" Then the digests differed: fetching and mending took another %1.").arg(shell::millisText(story.answered - story.request->mismatchNanos));
    }
    for (const Leg& leg : story.legs) {
        if (leg.isLate()) {
            text += QString(" %1's answer came %2 later and cost nothing.").arg(labelIn(nodes, leg.replica), shell::millisText(leg.acked - story.answered));
        } else if (leg.round == 0 && leg.acked == 0 && leg.sent != 0) {
            text += QString(" %1 has not answered.").arg(labelIn(nodes, leg.replica));
        }
    }
    return text;
}

std::vector<Alternative> alternativesOf(const RequestStory& story, const Nodes& nodes) {
    std::vector<Alternative> out;
    if (!story.isWrite || story.answered == 0 || story.met == 0 || story.request->info.required == 0) {
        return out;  // Of replicas that a read did not ask nothing is known.
    }
    std::vector<const Leg*> answers;
    for (const Leg& leg : story.legs) {
        if (leg.round == 0 && leg.acked != 0 && !leg.failed) {
            answers.push_back(&leg);
        }
    }
    std::sort(answers.begin(), answers.end(), [](const Leg* a, const Leg* b) { return a->acked < b->acked; });
    const std::size_t required = story.request->info.required;
    const auto consider = [&](const std::vector<std::string>& down) {
        std::vector<const Leg*> left;
        std::copy_if(answers.begin(), answers.end(), std::back_inserter(left), [&](const Leg* leg) {
            return std::find(down.begin(), down.end(), leg->replica) == down.end();
        });
        Alternative alternative{down, {}, left.size() < required};
        if (alternative.refused) {
            alternative.outcome = QString("refused: needs %1, alive %2").arg(required).arg(left.size());
        } else {
            const Leg* decider = left[required - 1];
            const std::int64_t wait = story.answered - story.met + decider->acked - story.begin;
            alternative.outcome = decider->acked <= story.met ? shell::millisText(story.answered - story.begin) + ", the same"
                                                               : QString("about %1, %2 decides").arg(shell::millisText(wait), labelIn(nodes, decider->replica));
        }
        out.push_back(std::move(alternative));
    };
    for (auto leg = answers.rbegin(); leg != answers.rend() && out.size() < 3; ++leg) {
        if (!(*leg)->isLocal) {
            consider({(*leg)->replica});
        }
    }
    std::vector<std::string> others;
    for (const Leg* leg : answers) {
        if (!leg->isLocal && others.size() < 2) {
            others.push_back(leg->replica);
        }
    }
    if (others.size() == 2) {
        consider(others);
    }
    return out;
}

// ---- the Inspector's page ----

namespace {

void factLines(Lines& out, const RequestStory& story, const Nodes& nodes) {
    const auto& request = *story.request;
    const auto& info = request.info;
    constexpr double kX = 124;
    const bool own = std::find(info.replicas.begin(), info.replicas.end(), request.coordinator) != info.replicas.end();
    if (info.required > 0) {
        const std::size_t asked = info.replicas.empty() ? info.contacted.size() : info.replicas.size();
        const EachOf each = eachOf(info);
        const QString of = each == EachOf::Alone || !info.replicas.empty() ? QString::number(asked) : each == EachOf::Range ? "each range" : "each key";
        out.push_back(fact("Consistency", QString("%1, %2 of %3").arg(QString::fromStdString(info.consistency)).arg(info.required).arg(of), kX));
    } else {
        out.push_back(fact("Consistency", QString::fromStdString(info.consistency), kX));
    }
    out.push_back(fact("Coordinator", labelIn(nodes, request.coordinator) + (own ? ", also a replica" : info.replicas.empty() ? "" : ", no replica"), kX));
    out.push_back(fact("Statement", info.prepared ? "prepared" : "not prepared", kX));
    out.push_back(fact("Client", QString::fromStdString(info.clientName.empty() ? info.client : info.clientName), kX));
    if (!info.replicas.empty()) {
        out.push_back(fact("Token", shell::tokenText(info.token), kX, true));
    }
    if (!story.isWrite && story.isOver()) {
        out.push_back(fact("Rows", shell::countText(request.rows), kX, true));
    }
}

Line titleLine(const RequestStory& story) {
    const auto& request = *story.request;
    Line title{.height = 42, .spans = {{.text = "Request " + shell::shortId(QString::fromStdString(request.id.toString())), .px = 17, .weight = 600}}};
    if (!request.error.empty()) {
        title.marks.push_back({.kind = Mark::Kind::Pill, .x = -16, .colour = &Tokens::fail, .ground = &Tokens::fail_tint, .text = "failed"});
    } else if (story.isOver()) {
        title.marks.push_back({.kind = Mark::Kind::Pill, .x = -16, .colour = &Tokens::pass, .ground = &Tokens::pass_tint,
                               .text = "answered in " + shell::millisText(story.answered - story.begin)});
    } else {
        title.marks.push_back({.kind = Mark::Kind::Pill, .x = -16, .text = "waiting"});
    }
    return title;
}

void traceLines(Lines& out, const RequestStory& story, const Nodes& nodes, double width) {
    const auto trace = traceOf(story);
    out.push_back(rule());
    out.push_back(heading("Trace", shell::counted(static_cast<std::int64_t>(trace.size()), "event")));
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const TraceLine& line = trace[i];
        const bool decides = story.decider() != nullptr && line.nanos == story.decider()->landed;
        out.push_back({.height = 25,
                       .spans = {{.text = micros(line.nanos - story.begin), .x = 60, .ink = &Tokens::muted, .px = 11.5, .mono = true, .align = Align::Right},
                                 {.text = line.text, .x = 94, .ink = line.afterAnswer ? &Tokens::muted : &Tokens::text, .px = 12, .fit = width - 110}},
                       .marks = {{.kind = Mark::Kind::Badge, .x = 78, .node = numberIn(nodes, line.node), .size = 7}},
                       .kind = kTraceLine,
                       .index = static_cast<int>(i),
                       .isSelected = decides,
                       .tip = QString::fromUtf8("%1 µs, %2: %3").arg(micros(line.nanos - story.begin), labelIn(nodes, line.node), line.text)});
    }
    out.push_back({.height = 26, .spans = {{.text = QString::fromUtf8("µs since %1 received the frame").arg(labelIn(nodes, story.request->coordinator)),
                                            .ink = &Tokens::faint, .px = 11}}});
}

}  // namespace

Lines requestLines(const RequestStory& story, const Nodes& nodes, double width) {
    Lines out;
    if (!story.request || !story.request->started) {
        return out;
    }
    out.push_back(gap(4));
    out.push_back(titleLine(story));
    code(out, QString::fromStdString(story.request->info.statement), width);
    out.push_back(gap(8));
    factLines(out, story, nodes);
    if (!story.request->error.empty()) {
        out.push_back(rule());
        out.push_back(heading("What went wrong"));
        paragraph(out, QString::fromStdString(story.request->error), width, &Tokens::fail);
    }
    if (const QString why = whyText(story, nodes); !why.isEmpty()) {
        out.push_back(rule());
        out.push_back(heading("Why " + shell::millisText(story.answered - story.begin)));
        paragraph(out, why, width);
    }
    if (const auto alternatives = alternativesOf(story, nodes); !alternatives.empty()) {
        out.push_back(rule());
        out.push_back(heading("If instead", "computed, not measured"));
        for (const Alternative& alternative : alternatives) {
            Line line{.height = 30};
            QStringList names;
            for (std::size_t i = 0; i < alternative.down.size(); ++i) {
                line.marks.push_back({.kind = Mark::Kind::HollowBadge, .x = 25 + 20.0 * static_cast<double>(i), .node = numberIn(nodes, alternative.down[i]), .size = 8});
                names += labelIn(nodes, alternative.down[i]);
            }
            line.spans.push_back({.text = joined(names) + (QString(" were down")), .x = 62});
            line.spans.push_back({.text = alternative.outcome, .x = -16, .ink = alternative.refused ? &Tokens::fail : &Tokens::muted, .weight = 500, .align = Align::Right});
            out.push_back(std::move(line));
        }
    }
    traceLines(out, story, nodes, width);
    out.push_back(gap(12));
    return out;
}

// ---- ShiViz ----

QString shivizText(const RequestStory& story, const Nodes& nodes) {
    struct Step {
        std::int64_t nanos;
        std::string host;
        QString text;
        int message = -1;   // Index of a message sent or received here.
        bool receives = false;
    };
    std::vector<Step> steps;
    int messages = 0;
    for (const Leg& leg : story.legs) {
        const std::string& home = story.request->coordinator;
        const auto pass = [&](const std::string& from, std::int64_t sent, const std::string& to, std::int64_t received, const std::string& verb) {
            if (sent != 0) {
                steps.push_back({sent, from, "send " + QString::fromStdString(verb), messages, false});
                if (received != 0) {
                    steps.push_back({received, to, "receive " + QString::fromStdString(verb), messages, true});
                }
                ++messages;
            }
        };
        if (!leg.isLocal) {
            pass(home, leg.sent, leg.replica, leg.arrived, leg.verb);
            pass(leg.replica, leg.replied, home, leg.landed, leg.replyVerb);
        }
        for (const auto& work : leg.work) {
            steps.push_back({work.startNanos, work.node, QString::fromStdString(work.phase)});
        }
    }
    if (story.met != 0) {
        steps.push_back({story.met, story.request->coordinator, "level met"});
    }
    if (story.answered != 0) {
        steps.push_back({story.answered, story.request->coordinator, "client answered"});
    }
    std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.nanos < b.nanos; });
    using Clock = std::map<QString, int>;
    std::map<std::string, Clock> clocks;
    std::map<int, Clock> carried;
    QString out = "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n";
    for (const Step& step : steps) {
        Clock& clock = clocks[step.host];
        if (step.receives) {
            for (const auto& [host, count] : carried[step.message]) {
                clock[host] = std::max(clock[host], count);
            }
        }
        const QString host = labelIn(nodes, step.host);
        ++clock[host];
        if (step.message >= 0 && !step.receives) {
            carried[step.message] = clock;
        }
        QStringList parts;
        for (const auto& [name, count] : clock) {
            parts += QString("\"%1\":%2").arg(name).arg(count);
        }
        out += QString("%1 at %2\n%3 {%4}\n").arg(step.text, shell::millisText(step.nanos - story.begin), host, parts.join(", "));
    }
    return out;
}

}  // namespace app::explorer::traffic
