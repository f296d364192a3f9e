#pragma once
#include <string>
#include <string_view>

namespace fadeout::service {

/// Where the results of a pitch lie: "pitches/{pitch_id}/processed/".
std::string results_folder(std::string_view pitch_id);

/// Does `key` lie in some pitch's results folder?
bool is_result_key(std::string_view key) noexcept;

}  // namespace fadeout::service
