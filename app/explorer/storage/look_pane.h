#pragma once

#include <QStackedWidget>

#include <optional>

#include "app/explorer/ring/key_field.h"
#include "app/explorer/rows_model.h"
#include "app/explorer/storage/bytes_canvas.h"
#include "app/explorer/storage/node_question.h"
#include "app/explorer/storage/read_path_canvas.h"
#include "app/explorer/storage/storage_focus.h"

namespace app::explorer::storage {

/// The forms of the Storage view that ask one node about one key: what a read of it meets there, and the
/// bytes of one of its SSTables. Asks when told to and not by itself: a read fills the node's caches. GUI thread.
class LookPane : public QWidget {
    Q_OBJECT

public:
    enum class Form { ReadPath, Bytes };

    explicit LookPane(sources::ClusterModel& model, QWidget* parent = nullptr);

    void setForm(Form form);
    Form form() const { return m_form; }
    /// "library.books", and the tables that may be chosen instead.
    void setTable(const std::string& table, const QStringList& tables);
    void setKey(const QString& literals);
    /// The bytes of this file.
    void openFile(const Part& part);
    void askNow();

    RowsModel* rows() { return m_form == Form::ReadPath ? m_pathRows : m_byteRows; }
    shell::Caption caption() const;
    void drawTo(QPainter& painter, const QSize& size);
    int selectedRow() const { return m_form == Form::ReadPath ? m_source : m_range; }
    void selectRow(int row);
    void focusKey() { m_key->focusKey(); }

    ReadPathCanvas& readPathCanvas() { return *m_pathCanvas; }
    BytesCanvas& bytesCanvas() { return *m_bytesCanvas; }
    NodeQuestion& question() { return *m_question; }

signals:
    void captionChanged();
    void inspectorWanted();
    void tableChosen(const QString& table);

private:
    QWidget* makeBar();
    void connectParts();
    void followModel();
    void updateFiles();
    std::string node() const;
    QString nodeLabel() const;
    QStringList keptElsewhere() const;
    QString notice() const;
    QString hint() const;
    void showProblem(const QString& why);
    void takeAnswer(const QJsonObject& answer);
    void chooseSource(int source);
    void chooseCell(int cell);
    void chooseRange(int range);
    void forget();
    void refresh();

    sources::ClusterModel& m_model;
    StorageFocus& m_focus;
    Form m_form = Form::ReadPath;
    std::string m_table;
    QString m_problem;
    bool m_isAsking = false;
    Form m_asked = Form::ReadPath;
    QString m_askedKey;   // With its node: what the last read was of.
    std::optional<ReadPath> m_path;
    std::optional<ReadPath> m_before;  // The read of the same key before it.
    QString m_pathKey;
    std::optional<FileBytes> m_bytes;
    int m_source = -1;
    int m_range = -1;

    shell::FieldCombo* m_node;
    ring::KeyField* m_key;
    shell::FieldCombo* m_file;
    shell::Button* m_ask;
    QStackedWidget* m_stack;
    ReadPathCanvas* m_pathCanvas;
    BytesCanvas* m_bytesCanvas;
    RowsModel* m_pathRows;
    RowsModel* m_byteRows;
    NodeQuestion* m_question;
};

}  // namespace app::explorer::storage
