#pragma once

#include <QSyntaxHighlighter>

namespace app::console {

/// Colours CQL by the engine's own lexer, block by block; strings, comments and $$ texts that run
/// over several lines are carried on in the block's state. Follows the theme.
class CqlHighlighter : public QSyntaxHighlighter {
    Q_OBJECT

public:
    explicit CqlHighlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;
};

/// Rich text of one statement for labels: spans in the same colours, spaces and lines kept.
QString highlightedHtml(const QString& cql);

}  // namespace app::console
