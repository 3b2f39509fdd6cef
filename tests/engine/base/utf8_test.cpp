#include "engine/base/utf8.h"

#include <QtTest>

#include "engine/base/bytes.h"

using namespace engine;

class Utf8Test : public QObject {
    Q_OBJECT
private slots:
    void faultsAreWhereJavasDecoderFindsThem_data();
    void faultsAreWhereJavasDecoderFindsThem();
};

void Utf8Test::faultsAreWhereJavasDecoderFindsThem_data() {
    QTest::addColumn<QString>("hex");
    QTest::addColumn<int>("offset");  // -1: none.
    QTest::addColumn<int>("length");
    const auto row = [](const char* hex, int offset, int length) { QTest::newRow(hex) << hex << offset << length; };
    row("61c3a9e282acf09f9880", -1, 0);
    row("f48fbfbf", -1, 0);
    row("ed9fbfee8080", -1, 0);
    row("61ff62", 1, 1);
    row("80", 0, 1);
    row("c080", 0, 1);
    row("c1bf", 0, 1);
    row("c328", 0, 1);
    row("61c3", 1, 1);
    row("e282", 0, 2);
    row("e28228", 0, 2);
    row("e08080", 0, 1);
    row("eda080", 0, 3);
    row("f09f98", 0, 3);
    row("f09f9828", 0, 3);
    row("f09f2828", 0, 2);
    row("f0808080", 0, 1);
    row("f4908080", 0, 1);
    row("f5808080", 0, 1);
    row("f888808080", 0, 1);
}

void Utf8Test::faultsAreWhereJavasDecoderFindsThem() {
    QFETCH(const QString, hex);
    QFETCH(const int, offset);
    QFETCH(const int, length);
    const auto fault = findUtf8Fault(*fromHex(hex.toStdString()));
    QCOMPARE(fault.has_value(), offset >= 0);
    if (fault) {
        QCOMPARE(static_cast<int>(fault->offset), offset);
        QCOMPARE(static_cast<int>(fault->length), length);
    }
}

QTEST_GUILESS_MAIN(Utf8Test)
#include "utf8_test.moc"
