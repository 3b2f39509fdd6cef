#pragma once

#include <QString>

#include <string>
#include <vector>

#include "app/sources/cluster_model.h"

namespace app::explorer {

using Nodes = std::vector<sources::NodeInfo>;

/// The node of that event name; null: not known.
const sources::NodeInfo* nodeIn(const Nodes& nodes, const std::string& name);
int numberIn(const Nodes& nodes, const std::string& name);  // 0: not known.
/// "n3"; the address when it has no number.
QString labelIn(const Nodes& nodes, const std::string& name);
/// "127.0.0.3" of "127.0.0.3:7000".
QString addressOf(const std::string& name);

/// "1st", "2nd", "3rd", "4th".
QString ordinalText(int n);
/// "n1, n2 and n3".
QString joined(const QStringList& parts);
/// A key as a person reads it: the text when it is one, else hexadecimal. `quoted` for CQL.
QString keyText(const std::string& bytes, bool quoted = false);
/// "6d 2d 31", at most `bytesMax` bytes.
QString hexText(const std::string& bytes, int bytesMax = 12);
bool isReadable(const std::string& bytes);
/// "INSERT loans_by_member": first word of a statement and its table.
QString statementTitle(const engine::observe::RequestStarted& info);

}  // namespace app::explorer
