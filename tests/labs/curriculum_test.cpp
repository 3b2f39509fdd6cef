#include <QtTest>

#include "labs/lab.h"

/// Every lab of the curriculum can be read, and its words keep to the house's.
class CurriculumTest : public QObject {
    Q_OBJECT

private slots:
    void everyLabIsRead();
    void textsShoutAtNobody();
};

void CurriculumTest::everyLabIsRead() {
    const lab::LabList list = lab::listLabs(RINGSIDE_CURRICULUM);
    QVERIFY2(list.problems.empty(), list.problems.empty() ? "" : list.problems.front().c_str());
    QVERIFY(!list.labs.empty());
}

void CurriculumTest::textsShoutAtNobody() {
    for (const lab::Lab& lab : lab::listLabs(RINGSIDE_CURRICULUM).labs) {
        for (const lab::Step& step : lab.steps) {
            std::vector<std::string> texts = step.hints;
            texts.insert(texts.end(), {step.title, step.text, step.why});
            for (const std::string& text : texts) {
                QVERIFY2(text.find('!') == std::string::npos, text.c_str());
            }
        }
    }
}

QTEST_GUILESS_MAIN(CurriculumTest)
#include "curriculum_test.moc"
