#include "app/explorer/storage/look_pane.h"

#include <QSignalBlocker>

#include "app/explorer/table_form.h"

namespace app::explorer::storage {

using shell::counted;

LookPane::LookPane(sources::ClusterModel& model, QWidget* parent) : QWidget(parent), m_model(model), m_focus(StorageFocus::of(model)) {
    m_pathRows = new RowsModel(readPathColumns(), this);
    m_byteRows = new RowsModel(fileByteColumns(), this);
    m_question = new NodeQuestion(model, this);
    m_pathCanvas = new ReadPathCanvas([this] { return ReadPathCanvas::Input{m_path ? &*m_path : nullptr, notice(), hint(), m_source}; });
    m_bytesCanvas = new BytesCanvas([this] { return BytesCanvas::Input{m_bytes ? &*m_bytes : nullptr, notice(), hint(), m_range}; });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addWidget(makeBar());
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeScroll(m_pathCanvas));
    m_stack->addWidget(makeScroll(m_bytesCanvas));
    column->addWidget(m_stack, 1);
    connectParts();
    setForm(Form::ReadPath);
}

QWidget* LookPane::makeBar() {
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(12);
    m_node = new shell::FieldCombo("Node", {});
    m_node->setAccessibleName("Node that is asked");
    m_key = new ring::KeyField;
    m_key->setToolTip("Literals of the partition key; those of clustering columns may follow, separated by commas");
    m_file = new shell::FieldCombo("SSTable", {});
    m_file->setAccessibleName("SSTable whose bytes are shown");
    m_ask = new shell::Button("Read");
    row->addWidget(m_node);
    row->addWidget(m_key, 1);
    row->addWidget(m_file);
    row->addWidget(m_ask);
    row->addStretch(1);
    return bar;
}

void LookPane::connectParts() {
    connect(&m_model, &sources::ClusterModel::nodesChanged, this, &LookPane::followModel);
    connect(&m_model.selection(), &sources::Selection::nodeChanged, this, &LookPane::followModel);
    connect(m_node, &QComboBox::activated, this, [this](int index) {
        const auto* chosen = m_model.node(m_node->itemData(index).toInt());
        m_model.selection().setNode(chosen != nullptr ? chosen->name : QString());
        askNow();
    });
    connect(m_file, &QComboBox::activated, this, &LookPane::askNow);
    connect(m_ask, &QPushButton::clicked, this, &LookPane::askNow);
    connect(m_key, &ring::KeyField::wanted, this, &LookPane::askNow);
    connect(m_key, &ring::KeyField::cleared, this, [this] {
        forget();
        askNow();
    });
    connect(m_key, &ring::KeyField::tableChosen, this, &LookPane::tableChosen);
    connect(m_question, &NodeQuestion::answered, this, &LookPane::takeAnswer);
    connect(m_question, &NodeQuestion::failed, this, &LookPane::showProblem);
    connect(m_pathCanvas, &ReadPathCanvas::sourceChosen, this, &LookPane::chooseSource);
    connect(m_pathCanvas, &ReadPathCanvas::cellChosen, this, &LookPane::chooseCell);
    connect(m_bytesCanvas, &BytesCanvas::rangeChosen, this, &LookPane::chooseRange);
    const auto clear = [this] {
        m_source = m_range = -1;
        m_focus.clear();
        refresh();
    };
    connect(m_pathCanvas, &ReadPathCanvas::nothingChosen, this, clear);
    connect(m_bytesCanvas, &BytesCanvas::nothingChosen, this, clear);
    connect(m_pathCanvas, &ReadPathCanvas::opened, this, &LookPane::inspectorWanted);
    connect(m_bytesCanvas, &BytesCanvas::opened, this, &LookPane::inspectorWanted);
}

void LookPane::setForm(Form form) {
    m_form = form;
    const bool isPath = form == Form::ReadPath;
    m_file->setVisible(!isPath);
    m_ask->setText(isPath ? "Read" : "Show");
    m_ask->setToolTip(isPath ? "Read the key from this node, and see what the read meets. It fills the node's caches as every read does"
                             : "Fetch the bytes from this node; without a key those of the file's first partition");
    m_stack->setCurrentIndex(isPath ? 0 : 1);
    setFocusProxy(isPath ? static_cast<QWidget*>(m_pathCanvas) : m_bytesCanvas);
    followModel();
    if (!isPath && !m_bytes && !m_isAsking && m_file->currentIndex() >= 0) {
        askNow();
    }
    emit captionChanged();
}

void LookPane::setTable(const std::string& table, const QStringList& tables) {
    m_key->setTables(tables);
    m_key->setTable(QString::fromStdString(table));
    if (table != m_table) {
        m_table = table;
        forget();
        m_key->clear();
        const auto& key = m_model.selection().key();
        if (key && (key->keyspace + '.' + key->table).toStdString() == table) {
            m_key->show(*key);
        }
    }
    updateFiles();
}

void LookPane::setKey(const QString& literals) {
    m_key->show({QString::fromStdString(m_table).section('.', 0, 0), QString::fromStdString(m_table).section('.', 1), {}, 0, literals});
}

void LookPane::followModel() {
    const auto& nodes = m_model.nodes();
    const QSignalBlocker quiet(m_node);
    if (m_node->count() != static_cast<int>(nodes.size())) {
        m_node->clear();
        for (const auto& known : nodes) {
            m_node->addItem(known.label(), known.number);
        }
        m_node->updateGeometry();
    }
    const int now = m_node->findData(numberIn(nodes, node()));
    if (now != m_node->currentIndex()) {
        m_node->setCurrentIndex(now);
        forget();
    }
    updateFiles();
}

/// The newest file first.
void LookPane::updateFiles() {
    const QSignalBlocker quiet(m_file);
    std::vector<qulonglong> generations;
    const auto* view = m_model.state().node(node());
    const auto* table = view != nullptr ? view->storage.table(m_table) : nullptr;
    if (table != nullptr) {
        for (const auto& [generation, file] : table->sstables) {
            generations.insert(generations.begin(), generation);
        }
    }
    std::vector<qulonglong> shown;
    for (int i = 0; i < m_file->count(); ++i) {
        shown.push_back(m_file->itemData(i).toULongLong());
    }
    if (shown == generations) {
        return;
    }
    const qulonglong chosen = m_file->currentData().toULongLong();
    m_file->clear();
    for (const qulonglong generation : generations) {
        m_file->addItem(fileName(generation), generation);
    }
    const int at = m_file->findData(chosen);
    m_file->setCurrentIndex(at >= 0 || generations.empty() ? at : 0);
    m_file->updateGeometry();
}

std::string LookPane::node() const {
    const std::string chosen = m_model.selection().node().toStdString();
    if (nodeIn(m_model.nodes(), chosen) != nullptr) {
        return chosen;
    }
    return m_model.nodes().empty() ? std::string() : m_model.nodes().front().name.toStdString();
}

QString LookPane::nodeLabel() const { return labelIn(m_model.nodes(), node()); }

void LookPane::openFile(const Part& part) {
    m_model.selection().setNode(QString::fromStdString(part.node));
    followModel();
    const int at = m_file->findData(static_cast<qulonglong>(part.number));
    if (at >= 0) {
        const QSignalBlocker quiet(m_file);
        m_file->setCurrentIndex(at);
    }
    m_bytes.reset();
    askNow();
}

void LookPane::askNow() {
    const QString key = m_key->text().trimmed();
    const QString table = QString::fromStdString(m_table);
    m_problem.clear();
    m_key->setError({});
    const bool isPath = m_form == Form::ReadPath;
    if (table.isEmpty() || (isPath && key.isEmpty()) || (!isPath && m_file->currentIndex() < 0)) {
        forget();
        return;
    }
    m_isAsking = true;
    m_asked = m_form;
    m_askedKey = QString::fromStdString(node()) + '\n' + key;
    QJsonObject params{{"keyspace", table.section('.', 0, 0)}, {"table", table.section('.', 1)}};
    if (!isPath) {
        params["generation"] = static_cast<qint64>(m_file->currentData().toULongLong());
    }
    refresh();
    m_question->ask(QString::fromStdString(node()), isPath ? "readpath" : "xray", params, key);
}

void LookPane::showProblem(const QString& why) {
    m_isAsking = false;
    m_problem = why;
    m_key->setError(why);
    (m_asked == Form::ReadPath) ? m_path.reset() : m_bytes.reset();
    rows()->setRows({});
    refresh();
}

void LookPane::takeAnswer(const QJsonObject& answer) {
    m_isAsking = false;
    if (m_asked == Form::ReadPath) {
        m_before = m_path && m_pathKey == m_askedKey ? m_path : std::nullopt;
        m_path = parseReadPath(answer);
        m_pathKey = m_askedKey;
        m_source = -1;
        m_key->setColumns(m_path->keyColumns.mid(0, ring::splitLiterals(m_key->text()).size()));
        m_pathRows->setRows(readPathRows(*m_path));
    } else {
        m_bytes = parseFileBytes(answer);
        m_range = -1;
        m_byteRows->setRows(fileByteRows(*m_bytes));
    }
    if (m_focus.told()) {
        m_focus.clear();
    }
    refresh();
}

void LookPane::forget() {
    m_question->cancel();
    m_isAsking = false;
    m_problem.clear();
    m_path.reset();
    m_before.reset();
    m_bytes.reset();
    m_source = m_range = -1;
    m_pathRows->setRows({});
    m_byteRows->setRows({});
    refresh();
}

void LookPane::refresh() {
    // What was told is new, not what goes on ten times a second.
    m_pathCanvas->isVisible() ? m_pathCanvas->refreshNow() : m_pathCanvas->refresh();
    m_bytesCanvas->isVisible() ? m_bytesCanvas->refreshNow() : m_bytesCanvas->refresh();
    emit captionChanged();
}

QString LookPane::notice() const {
    if (m_isAsking) {
        return "Asking " + nodeLabel() + "…";
    }
    if (!m_problem.isEmpty()) {
        return nodeLabel() + " cannot tell: " + m_problem;
    }
    if (m_table.empty() || m_model.nodes().empty()) {
        return "No node has told of its tables.";
    }
    if (m_form == Form::ReadPath) {
        return m_key->text().trimmed().isEmpty() ? QString("Type a key of %1 and press Enter.").arg(QString::fromStdString(m_table)) : QString("Press Read to read the key from %1.").arg(nodeLabel());
    }
    return m_file->currentIndex() < 0 ? QString("%1 has no SSTable of %2.").arg(nodeLabel(), QString::fromStdString(m_table)) : QString("Press Show to fetch the bytes.");
}

QString LookPane::hint() const {
    if (m_isAsking) {
        return {};
    }
    if (m_form == Form::ReadPath) {
        return QString("%1 reads it as it does for a client, and tells each step: memtable, bloom filters, indexes, chunks.").arg(nodeLabel().isEmpty() ? QString("The node") : nodeLabel());
    }
    return m_file->currentIndex() < 0 ? QString("What was written is in the memtable: press Flush in All nodes to write a file.") : QString("Without a key: those of the file's first partition.");
}

/// The replicas of the key that was read, where the node it was read from is none of them.
QStringList LookPane::keptElsewhere() const {
    QStringList out;
    for (const std::string& replica : m_path->replicas) {
        if (replica == node()) {
            return {};
        }
        out += labelIn(m_model.nodes(), replica);
    }
    return out;
}

shell::Caption LookPane::caption() const {
    if (m_form == Form::ReadPath && m_path && !m_isAsking) {
        shell::Caption out = readPathCaption(*m_path, nodeLabel(), keptElsewhere(), m_before ? &*m_before : nullptr);
        out.sentence += m_model.isLive() ? QString() : QString(" The read is of now, not of the moment shown.");
        return out;
    }
    if (m_form == Form::Bytes && m_bytes && !m_isAsking) {
        return fileBytesCaption(*m_bytes, nodeLabel());
    }
    return {notice(), {}};
}

void LookPane::chooseSource(int source) {
    if (!m_path || source < 0 || source >= static_cast<int>(m_path->sources.size())) {
        return;
    }
    m_source = source;
    const ReadSource& from = m_path->sources[static_cast<std::size_t>(source)];
    Told told{from.name + " on " + nodeLabel(), "of a read", {}, sentenceOf(from), {}};
    if (from.isSstable()) {
        told.facts.append({"Written", shell::clockText(from.minTimestamp) + " to " + shell::clockText(from.maxTimestamp)});
        told.facts.append({"From disk", shell::bytesText(from.bytesRead)});
        for (const ReadChunk& chunk : from.chunks) {
            told.facts.append({QString("Chunk %1").arg(chunk.number), QString("%1 at byte %2, %3 uncompressed, %4")
                                   .arg(shell::bytesText(chunk.stored)).arg(chunk.offset).arg(shell::bytesText(chunk.bytes), chunk.isCached ? "from the chunk cache" : "from disk")});
        }
        told.file = Part{Part::Kind::Sstable, node(), from.generation, {}};
    }
    if (from.isFound) {
        told.facts.append({"Rows", QString("%1, %2, of which %3 in the answer").arg(counted(static_cast<std::int64_t>(from.rows), "row"), counted(static_cast<std::int64_t>(from.cells), "cell")).arg(from.won)});
    }
    if (from.nanos > 0) {
        told.facts.append({"Time", microsText(from.nanos)});
    }
    m_focus.tell(std::move(told));
    refresh();
}

void LookPane::chooseCell(int cell) {
    if (!m_path || cell < 0 || cell >= static_cast<int>(m_path->cells.size())) {
        return;
    }
    const ReadCell& of = m_path->cells[static_cast<std::size_t>(cell)];
    Told told{of.column, of.row, {}, {}, {}};
    for (const auto& version : of.versions) {
        told.facts.append({version.source, QString("%1, timestamp %2 (%3)%4%5").arg(version.isTombstone ? QString("deleted") : version.value).arg(version.timestamp).arg(shell::clockText(version.timestamp, true),
                           version.ttl > 0 ? QString(", TTL %1 s").arg(version.ttl) : QString(), version.wins ? QString(", in the answer") : QString())});
    }
    told.text = "The version with the largest timestamp is in the answer. At the same timestamp a deletion wins over a value, then the larger value.";
    m_focus.tell(std::move(told));
}

void LookPane::chooseRange(int range) {
    if (!m_bytes || range < 0 || range >= static_cast<int>(m_bytes->ranges.size())) {
        return;
    }
    m_range = range;
    const FileByteRange& of = m_bytes->ranges[static_cast<std::size_t>(range)];
    Told told{of.name, of.component, {}, {}, {}};
    if (!of.meaning.isEmpty()) {
        told.facts.append({"Meaning", of.meaning});
    }
    if (const QString within = pathOf(*m_bytes, range); !within.isEmpty()) {
        told.facts.append({"Part of", within});
    }
    told.facts.append({"Offset", QString("%1%2").arg(of.offset).arg(of.component.startsWith("Data") ? ", before compression" : "")});
    told.facts.append({"Length", counted(static_cast<std::int64_t>(of.length), "byte")});
    told.facts.append({"Bytes", hexOf(of, 64)});
    const std::string text = of.bytes.toStdString();
    if (isReadable(text)) {
        told.facts.append({"As text", QString::fromUtf8(of.bytes)});
    }
    m_focus.tell(std::move(told));
    refresh();
}

void LookPane::selectRow(int row) { m_form == Form::ReadPath ? chooseSource(row) : chooseRange(row); }

void LookPane::drawTo(QPainter& painter, const QSize& size) {
    m_form == Form::ReadPath ? m_pathCanvas->drawTo(painter, size) : m_bytesCanvas->drawTo(painter, size);
}

}  // namespace app::explorer::storage
