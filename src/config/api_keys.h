#pragma once
#include <string>
#include <vector>

namespace fadeout::config {

/// The keys in a file: one a line, of 16 to 256 printable ASCII characters without spaces; empty lines and
/// those that begin with '#' are skipped. Error(invalid) names the line, never the key; also where the file
/// holds none, so that an empty file does not open the service to everybody.
std::vector<std::string> read_api_keys(const std::string& path);

}  // namespace fadeout::config
