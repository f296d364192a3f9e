#pragma once
#include <functional>
#include <string>

namespace fadeout::service {

enum class Severity { info, error };

/// Where a use case says what it did that no answer tells. Thread-safe.
using LogLine = std::function<void(Severity severity, const std::string& text)>;

}  // namespace fadeout::service
