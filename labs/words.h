#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "labs/lab.h"

/// Small helpers for what checks say.
namespace lab {

/// "n1", "n1 and n2", "n1, n2 and n3"; "none".
std::string joined(const std::vector<std::string>& parts);
std::string labelOf(int number);
std::string progressOf(std::size_t done, std::size_t wanted);
bool equalIgnoringCase(std::string_view a, std::string_view b);
/// A fact that agrees when both texts are the same.
Fact fact(std::string what, std::string wanted, std::string got);
/// Every 'quoted' string of a CQL literal, in order, without quotes.
std::vector<std::string> stringsIn(const std::string& literal);
/// The literal without its quotes when it is a string.
std::string plain(const std::string& literal);
/// Whether a statement only looks.
bool isSelect(std::string_view statement);
std::string quoted(const std::string& text);

}  // namespace lab
