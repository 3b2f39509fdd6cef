#pragma once

#include "engine/rows/index_rules.h"

/// Texts as analysers of indexes see them. Case and accents are known of the Latin, Greek and
/// Cyrillic letters below U+0530; all else stays as it is.
namespace engine::rows {

/// Simple lower case, letter by letter (String.toLowerCase with Locale.ROOT).
Bytes lowerCase(BytesView text);
/// A letter and the accent that follows it become the one letter that stands for both (NFC).
Bytes composed(BytesView text);
/// Accents of Latin letters dropped (Lucene's ASCIIFoldingFilter).
Bytes asciiFolded(BytesView text);

}  // namespace engine::rows
