#pragma once
#include <functional>
#include <string>

namespace fadeout {

enum class Severity { info, error };

/// Where it is said what was done or went wrong that no answer tells. Thread-safe.
using LogLine = std::function<void(Severity severity, const std::string& text)>;

}  // namespace fadeout
