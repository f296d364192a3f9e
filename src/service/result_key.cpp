#include "service/result_key.h"

#include <fmt/format.h>

namespace fadeout::service {

namespace {

constexpr std::string_view pitches = "pitches/", processed = "/processed/";

}  // namespace

std::string results_folder(std::string_view pitch_id) {
    return fmt::format("{}{}{}", pitches, pitch_id, processed);
}

bool is_result_key(std::string_view key) noexcept {
    if (!key.starts_with(pitches)) return false;
    const std::size_t id_end = key.find('/', pitches.size());
    return id_end != std::string_view::npos && key.substr(id_end).starts_with(processed);
}

}  // namespace fadeout::service
