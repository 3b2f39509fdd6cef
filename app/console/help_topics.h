#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace app::console {

/// What HELP says of a statement, or of a word of the console's own.
struct HelpTopic {
    QString name;    // "CREATE TABLE".
    QString syntax;  // Lines; [] may be left out, | is either, ... may be repeated.
    QString text;    // What it does, and what surprises.
};

/// In order of the alphabet.
const std::vector<HelpTopic>& helpTopics();
/// The topics that these words mean: the one of that name, or all that begin with them (HELP CREATE). Any case.
std::vector<const HelpTopic*> helpOn(const QString& words);

}  // namespace app::console
