#include <QTcpServer>
#include <QtTest>

#include <mutex>

#include "app/learn/first_launch.h"
#include "app/learn/lab_pane.h"
#include "app/learn/step_parts.h"
#include "engine/types/codec.h"
#include "engine/types/data_type.h"
#include "tests/app/explorer/scene.h"

using namespace app;
using namespace app::learn;
using engine::Result;
using engine::observe::Event;
using tests::Scene;

namespace {

constexpr std::uint16_t kNodeLocal = 11;
constexpr std::uint16_t kAll = 5;

/// Three nodes by the test's word: what they hold, whether n3 is cut off, and the events that a write or
/// a read of one row makes. Clients call it from the worker's thread.
class ThreeNodes : public sources::ClusterSource {
public:
    explicit ThreeNodes(sources::ClusterModel& model) : m_model(model) {}

    QString name() const override { return "three"; }
    bool canAct() const override { return true; }
    void perform(sources::NodeAction, int) override {}
    std::vector<sources::NodeProcess> nodes() const override {
        std::vector<sources::NodeProcess> out(3);
        for (int i = 0; i < 3; ++i) {
            auto& node = out[static_cast<std::size_t>(i)];
            node.number = i + 1;
            node.name = QString::fromStdString(Scene::node(i + 1));
            node.address = QString("127.0.0.%1").arg(i + 1);
            node.nativePort = 9042;
            node.state = sources::ProcessState::Running;
            if (m_cut && i == 2) {
                node.links = {{"cut n3", {}, 1, 0, 0}};
            }
        }
        return out;
    }
    void changeLinks(const sources::LinkChange& change) override {
        {
            const std::lock_guard lock(m_mutex);
            m_cut = change.kind == sources::LinkChange::Kind::CutOff;
        }
        emit nodesChanged();
        emit linksChanged("done", {});
    }

    Result<engine::client::QueryAnswer> execute(const std::string& host, const engine::client::Query& query) {
        const std::lock_guard lock(m_mutex);
        const int node = host.back() - '0';
        if (query.text.starts_with("INSERT") || query.text.starts_with("UPDATE")) {
            const int copies = query.text.starts_with("INSERT") ? 3 : 4;
            for (int n = 1; n <= (m_cut ? 2 : 3); ++n) {
                m_copies[n] = copies;
            }
            tell(query.text, "WRITE", "QUORUM", m_cut ? 2 : 3, false);
        } else if (query.consistency == kAll) {
            if (m_unavailable-- > 0) {
                return engine::makeError(engine::ErrorKind::Unavailable, "Cannot achieve consistency level ALL");
            }
            const bool behind = m_copies[3] != m_copies[1];
            m_copies[3] = m_copies[1];
            tell(query.text, "READ", "ALL", 3, behind);
        } else if (query.text.find("system_schema") != std::string::npos) {
            return rowOf(engine::Bytes("books"));
        } else if (query.consistency == kNodeLocal) {
            return rowOf(engine::types::encodeInt(m_copies[node]));
        }
        return engine::client::QueryAnswer{};
    }
    void beUnavailable(int times) { m_unavailable = times; }

private:
    static Result<engine::client::QueryAnswer> rowOf(engine::Bytes value) {
        engine::cql::RowsResult rows;
        rows.rows.push_back({engine::cql::Value(std::move(value))});
        return engine::client::QueryAnswer{rows, {}, {}};
    }
    void tell(const std::string& text, const char* kind, const char* level, int answers, bool mend) {
        Scene scene;
        (void)scene.take();
        engine::observe::RequestStarted start;
        start.request = {++m_request, 7};
        start.kind = kind;
        start.statement = text;
        start.keyspace = "library";
        start.consistency = level;
        start.required = 2;
        start.replicas = start.contacted = {Scene::node(1), Scene::node(2), Scene::node(3)};
        start.clientName = "Ringside";
        scene.tell(1, 1, start);
        for (int n = 1; n <= answers; ++n) {
            engine::observe::AckCounted ack;
            ack.request = start.request;
            ack.replica = Scene::node(n);
            ack.order = static_cast<std::uint32_t>(n);
            ack.counted = n <= 2;
            scene.tell(1, 2 + n, ack);
        }
        if (mend) {
            scene.tell(1, 6, engine::observe::ReadRepair{start.request, Scene::node(3), 1});
        }
        scene.tell(1, 7, engine::observe::RequestAnswered{start.request, "", 0});
        auto batch = std::make_shared<sources::SourceBatch>(scene.take());
        QMetaObject::invokeMethod(&m_model, [this, batch] { m_model.take(*batch); });
    }

    sources::ClusterModel& m_model;
    std::mutex m_mutex;
    bool m_cut = false;
    int m_unavailable = 0;
    std::uint64_t m_request = 0;
    std::map<int, int> m_copies;
};

class FakeClient : public engine::client::Client {
public:
    FakeClient(ThreeNodes& nodes, std::string host) : m_nodes(nodes), m_host(std::move(host)) {}
    Result<engine::client::QueryAnswer> execute(const engine::client::Query& query) override {
        return m_nodes.execute(m_host, query);
    }
    Result<void> prepare(const std::string&) override { return engine::ok(); }
    const std::string& keyspace() const override { return m_keyspace; }
    bool isOpen() const override { return true; }

private:
    ThreeNodes& m_nodes;
    std::string m_host;
    std::string m_keyspace;
};

FirstMinute::ClientFactory clientsOf(ThreeNodes& nodes) {
    return [&nodes](const engine::client::ConnectOptions& options) -> Result<std::unique_ptr<engine::client::Client>> {
        return std::unique_ptr<engine::client::Client>(std::make_unique<FakeClient>(nodes, options.contact.host));
    };
}

/// A lab of two steps that does what the test says.
class FakeLab : public LabDriver {
public:
    FakeLab() {
        m_lab.title = "Read your own write";
        m_lab.week = "2";
        for (const char* title : {"Write once", "Read it back"}) {
            lab::Step step;
            step.title = title;
            step.text = "Do it.";
            step.snippets = {"SELECT due FROM library.loans;"};
            step.hints = {"look", "think", "type"};
            step.why = "Because.";
            lab::Check check;
            check.kind = "events";
            check.says = "It was read at QUORUM";
            step.checks = {check};
            m_lab.steps.push_back(step);
        }
        m_states.resize(2);
        for (auto& state : m_states) {
            state.checks.resize(1);
        }
    }
    const lab::Lab& lab() const override { return m_lab; }
    const lab::StepState& state(int step) const override { return m_states[static_cast<std::size_t>(step)]; }
    int currentStep() const override { return 0; }
    QString busy(int) const override { return {}; }
    void openStep(int step) override { done << QString("open %1").arg(step); }
    void predict(int, std::size_t, int) override {}
    void answer(int, std::size_t, std::size_t) override {}
    void showHint(int step) override {
        ++m_states[static_cast<std::size_t>(step)].hintsShown;
        emit stepChanged(step);
    }
    void recheck(int step) override { done << QString("recheck %1").arg(step); }
    void skip(int step) override { done << QString("skip %1").arg(step); }
    void solve(int step) override { done << QString("solve %1").arg(step); }
    void reset(int step) override {
        done << QString("reset %1").arg(step);
        emit resetDone("The loan was removed.", true);
    }
    void undoReset() override { done << "undo"; }

    void set(int step, lab::Verdict verdict) {
        auto& state = m_states[static_cast<std::size_t>(step)];
        state.verdict = verdict;
        auto& check = state.checks[0];
        check.verdict = verdict;
        check.says = verdict == lab::Verdict::Near ? "Near miss: right row, read at ONE" : "Read at QUORUM";
        check.facts = {{"Coordinator", "n3", "n3", true}, {"Consistency", "QUORUM", "ONE", verdict != lab::Verdict::Near}};
        check.smallestChange = verdict == lab::Verdict::Near ? "one setting, Consistency." : "";
        emit stepChanged(step);
    }
    void tell(int step, std::vector<lab::CheckResult> results) {
        m_states[static_cast<std::size_t>(step)].checks = std::move(results);
        emit stepChanged(step);
    }
    QStringList done;

private:
    lab::Lab m_lab;
    std::vector<lab::StepState> m_states;
};

shell::Button* buttonOf(const QWidget& in, const QString& text) {
    QCoreApplication::processEvents();  // A card that was built anew shows its parts in the next round.
    for (auto* button : in.findChildren<shell::Button*>()) {
        if (button->text() == text && button->isVisibleTo(&in)) {
            return button;
        }
    }
    return nullptr;
}

}  // namespace

/// First launch with a cluster of the test's own, and the lab pane with a lab of the test's own.
class LearnTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { shell::theme().install(shell::ThemeKind::Light); }

    void theFirstMinuteWritesCutsWritesHealsAndMends() {
        sources::ClusterModel model;
        ThreeNodes nodes(model);
        FirstMinute minute(model, clientsOf(nodes));
        QCOMPARE(minute.next(), int(FirstMinute::Start));
        QSignalSpy wanted(&minute, &FirstMinute::startWanted);
        minute.go();
        QCOMPARE(wanted.count(), 1);
        model.setSource(&nodes);
        minute.setStarting();
        QVERIFY(minute.isBusy());
        minute.setStarted(840);
        QCOMPARE(minute.says(FirstMinute::Start), QString("0.8 s, all answer CQL"));

        minute.go();
        QTRY_COMPARE(minute.next(), int(FirstMinute::Cut));
        QTRY_COMPARE(minute.says(FirstMinute::Write), QString("3 of 3 replicas answered"));
        QCOMPARE(minute.copiesOn(3), std::optional<int>(3));

        minute.go();
        QTRY_COMPARE(minute.next(), int(FirstMinute::WriteAgain));
        QVERIFY(model.node(3)->isCutOff());

        minute.go();
        QTRY_COMPARE(minute.next(), int(FirstMinute::Heal));
        QTRY_COMPARE(minute.says(FirstMinute::WriteAgain), QString("2 of 3 replicas answered"));
        QCOMPARE(minute.copiesOn(1), std::optional<int>(4));
        QCOMPARE(minute.copiesOn(3), std::optional<int>(3));
        QVERIFY(minute.requestOf(FirstMinute::WriteAgain) != nullptr);

        nodes.beUnavailable(2);  // Gossip has not heard n3 again yet.
        minute.go();
        QTRY_COMPARE(minute.next(), int(FirstMinute::kSteps));
        QTRY_VERIFY(minute.wasMended());
        QVERIFY(!model.node(3)->isCutOff());
        QCOMPARE(minute.copiesOn(3), std::optional<int>(4));
        model.setSource(nullptr);
        QCOMPARE(minute.next(), int(FirstMinute::Start));
    }

    void whatFailsIsSaidAndCanBeTriedAgain() {
        sources::ClusterModel model;
        ThreeNodes nodes(model);
        int refusals = 1;
        FirstMinute minute(model, [&](const engine::client::ConnectOptions& options) {
            return refusals-- > 0 ? Result<std::unique_ptr<engine::client::Client>>(engine::makeError(engine::ErrorKind::Io, "connection refused"))
                                  : clientsOf(nodes)(options);
        });
        model.setSource(&nodes);
        minute.setStarted(900);
        minute.go();
        QTRY_COMPARE(minute.trouble(), QString("connection refused"));
        QCOMPARE(minute.next(), int(FirstMinute::Write));
        minute.go();
        QTRY_COMPARE(minute.next(), int(FirstMinute::Cut));
        QVERIFY(minute.trouble().isEmpty());
        model.setSource(nullptr);
    }

    void leavingInTheMidstOfAStepEndsIt() {
        sources::ClusterModel model;
        ThreeNodes nodes(model);
        model.setSource(&nodes);
        {
            FirstMinute minute(model, clientsOf(nodes));
            minute.setStarted(900);
            for (const int step : {FirstMinute::Write, FirstMinute::Cut, FirstMinute::WriteAgain}) {
                minute.go();
                QTRY_COMPARE(minute.next(), step + 1);
            }
            nodes.beUnavailable(1'000'000);
            minute.go();
            QVERIFY(minute.isBusy());
        }
        model.setSource(nullptr);
    }

    void enterDoesEveryStepOfThePage() {
        sources::ClusterModel model;
        FirstLaunch page(model, "127.0.0");
        page.resize(1306, 700);
        page.show();
        QSignalSpy wanted(&page, &FirstLaunch::startWanted);
        QTest::keyClick(&page, Qt::Key_Return);
        QCOMPARE(wanted.count(), 1);
        page.setFailed("127.0.0.1:9042 is taken");
        QVERIFY(buttonOf(page, "Try again") != nullptr);
    }

    void littleMemoryOffersOneNode() {
        const LaunchCheck ample = memoryCheck(std::uint64_t(1) << 34, 3);
        QVERIFY(ample.fine && ample.remedy.isEmpty());
        const LaunchCheck little = memoryCheck(100 << 20, 3);
        QVERIFY(!little.fine);
        QVERIFY2(little.remedy.startsWith("Start one node, "), qPrintable(little.remedy));
        QCOMPARE(little.nodes, 1);
        QVERIFY(memoryCheck(20 << 20, 3).remedy.isEmpty());  // Not even for one.
    }

    void takenAddressesOfferFreeOnes() {
        QTcpServer other;
        QVERIFY(other.listen(QHostAddress("127.0.71.2"), 9042));
        sources::ClusterModel model;
        FirstLaunch page(model, "127.0.71");
        page.resize(1306, 700);
        page.show();
        const auto remedy = [&page]() -> QAbstractButton* {
            for (auto* button : page.findChildren<QAbstractButton*>()) {
                if (button->text().startsWith("Use 127.0.")) {
                    return button;
                }
            }
            return nullptr;
        };
        QAbstractButton* button = remedy();
        QVERIFY(button != nullptr);
        QSignalSpy wanted(&page, &FirstLaunch::netWanted);
        button->click();
        QCOMPARE(wanted.count(), 1);
        QVERIFY(button->text().startsWith("Use " + wanted.front().front().toString() + ".1"));
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(remedy() == nullptr);  // All is green now.
    }

    void theStageFitsItsWords_data() {
        QTest::addColumn<QSizeF>("room");
        QTest::newRow("1366") << QSizeF(566, 620);
        QTest::newRow("1920") << QSizeF(800, 930);
        QTest::newRow("1280x720") << QSizeF(520, 600);
        QTest::newRow("1024x640") << QSizeF(400, 520);
        QTest::newRow("least") << QSizeF(340, 380);
    }
    void theStageFitsItsWords() {
        QFETCH(const QSizeF, room);
        const TrioPlan plan = TrioPlan::of(room);
        const QRectF all(QPointF(), room);
        std::vector<QRectF> boxes{plan.foot};
        for (int i = 0; i < 3; ++i) {
            boxes.push_back(plan.words[i]);
            boxes.push_back(QRectF(plan.node[i].x() - plan.ring, plan.node[i].y() - plan.ring, 2 * plan.ring, 2 * plan.ring));
        }
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            QVERIFY2(all.contains(boxes[i]), qPrintable(QString::number(i)));
            for (std::size_t j = i + 1; j < boxes.size(); ++j) {
                QVERIFY2(!boxes[i].intersects(boxes[j]), qPrintable(QString("%1 and %2").arg(i).arg(j)));
            }
        }
    }

    void aNearMissOffersItsSmallestChange() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        lab.set(0, lab::Verdict::Near);
        QSignalSpy change(&pane, &LabPane::changeWanted);
        auto* button = buttonOf(pane, "Set QUORUM and run");
        QVERIFY(button != nullptr);
        button->click();
        QCOMPARE(change.count(), 1);
        const auto wanted = change[0][0].value<SmallestChange>();
        QCOMPARE(wanted.setting, QString("Consistency"));
        QCOMPARE(wanted.value, QString("QUORUM"));
        pane.setDriver(nullptr);
    }

    void theFirstNearMissIsShown() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        const auto result = [](lab::Verdict verdict, const char* says) {
            lab::CheckResult out;
            out.verdict = verdict;
            out.says = says;
            out.facts = {{"title", "'Solaris'", "no value", false}};
            return out;
        };
        lab.tell(0, {result(lab::Verdict::Failed, "failed"), result(lab::Verdict::Near, "first"), result(lab::Verdict::Near, "second")});
        QCoreApplication::processEvents();
        QStringList words;
        for (auto* label : pane.findChild<QWidget*>("proof")->findChildren<shell::Label*>()) {
            words << label->text();
        }
        QCOMPARE(words.mid(0, 3), (QStringList{"first", "wanted", "found"}));  // No request is behind it, so nothing was run.
        pane.setDriver(nullptr);
    }

    void factsTakeTheLinesTheyNeed() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        lab::CheckResult result;
        result.verdict = lab::Verdict::Near;
        result.facts = {{"tags", "{'brass'}", "{'brass', 'oak'}", false},
                        {"a fact of many words", "'09:30:00.000000000'", "['Blaeu', 'Hooft', 'Janssonius', 'Valk']", false}};
        lab.tell(0, {result});
        QTest::qWait(50);
        for (const auto* row : pane.findChildren<FactRow*>()) {
            QVERIFY2(row->height() >= row->heightForWidth(row->width()),
                     qPrintable(QString("%1 of %2 at %3").arg(row->height()).arg(row->heightForWidth(row->width())).arg(row->width())));
        }
        pane.setDriver(nullptr);
    }

    void aLabBeginsWhereItWasLeft() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        QVERIFY(lab.done.isEmpty());  // Not known yet: nothing is begun, least of all the first step.
        emit lab.currentChanged(1);
        QCOMPARE(lab.done, QStringList{"open 1"});
        QVERIFY(pane.findChildren<StepCard*>()[1]->isOpen());
        emit lab.currentChanged(1);
        QCOMPARE(lab.done.size(), 1);
        pane.setDriver(nullptr);
    }

    void aNewVerdictKeepsEveryCardItsHeight() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 500);
        pane.setDriver(&lab);
        pane.show();
        emit lab.currentChanged(0);
        lab.set(0, lab::Verdict::Near);
        QTest::qWait(50);
        for (const auto* card : pane.findChildren<StepCard*>()) {
            QVERIFY(card->height() >= card->sizeHint().height());
        }
        pane.setDriver(nullptr);
    }

    void everyActionIsEnabledInEveryState() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        for (const auto verdict : {lab::Verdict::NotShownYet, lab::Verdict::Near, lab::Verdict::Failed}) {
            lab.set(0, verdict);
            for (const char* name : {"Re-check", "Skip", "Solve", "Reset"}) {
                auto* button = buttonOf(pane, name);
                QVERIFY2(button != nullptr && button->isEnabled(), name);
            }
        }
        buttonOf(pane, "Re-check")->click();
        QTRY_VERIFY(lab.done.contains("recheck 0"));
        pane.setDriver(nullptr);
    }

    void passingKeepsTheStepOpenUntilNext() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        lab.set(0, lab::Verdict::Passed);
        const auto cards = pane.findChildren<StepCard*>();
        QVERIFY(cards[0]->isOpen());
        pane.next();
        QVERIFY(!cards[0]->isOpen());
        QVERIFY(cards[1]->isOpen());
        pane.hint();
        QCOMPARE(lab.state(1).hintsShown, 1);
        QSignalSpy finished(&pane, &LabPane::finished);
        pane.next();
        QCOMPARE(finished.count(), 1);
        pane.setDriver(nullptr);
    }

    void aResetCanBeUndoneFromItsToast() {
        LabPane pane;
        FakeLab lab;
        pane.resize(400, 900);
        pane.setDriver(&lab);
        pane.show();
        buttonOf(pane, "Reset")->click();
        auto* undo = buttonOf(pane, "Undo");
        QVERIFY(undo != nullptr);
        undo->click();
        QTRY_VERIFY(lab.done.contains("undo"));
        QVERIFY(buttonOf(pane, "Undo") == nullptr);
        pane.setDriver(nullptr);
    }
};

QTEST_MAIN(LearnTest)
#include "learn_test.moc"
