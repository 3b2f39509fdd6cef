#pragma once

#include <QLineEdit>
#include <QToolButton>
#include <QWidget>

#include "app/explorer/ring/key_lookup.h"
#include "app/shell/kit.h"

namespace app::explorer::ring {

/// "loans_by_member  member = 'm-1131'": a table and the literals of its partition key. Enter looks
/// the key up.
class KeyField : public QWidget {
    Q_OBJECT

public:
    explicit KeyField(QWidget* parent = nullptr);

    /// "library.books", the tables that may be chosen, and which one is.
    void setTables(const QStringList& tables);
    void setTable(const QString& table);
    QString table() const { return m_table; }
    QString text() const { return m_edit->text(); }
    /// Shows a key without looking it up.
    void show(const sources::KeySelection& key);
    void setColumns(const QStringList& columns);
    void setError(const QString& why);
    void clear();
    void focusKey();
    QSize sizeHint() const override { return {356, 28}; }

signals:
    void wanted(const QString& keyspace, const QString& table, const QString& literals);
    void tableChosen(const QString& table);
    void cleared();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void placeParts();
    void chooseTable();
    QString prefix() const;

    QLineEdit* m_edit;
    shell::IconButton* m_clear;
    QStringList m_tables;
    QString m_table;
    QStringList m_columns;
    QString m_error;
};

}  // namespace app::explorer::ring
