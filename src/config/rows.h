#pragma once
#include <vector>

#include "config/table.h"
#include "config/valid.h"

// The rows of the table, by what they are about; table() joins them in this order. A row's second column is
// its flag where that is not made from its name.
namespace fadeout::config {

std::vector<Setting> place_rows();   ///< where state lives: data, store, records, queue
std::vector<Setting> server_rows();  ///< the HTTP server
std::vector<Setting> media_rows();   ///< what is rendered, from where, within which bounds
std::vector<Setting> upkeep_rows();  ///< clean-up, jobs, webhooks, the report, the log

/// The member of Settings that a row is about.
#define FADEOUT_MEMBER(member)  \
    [](Settings & s) -> auto& { \
        return s.member;        \
    }

constexpr std::uint64_t mib = 1ULL << 20;
constexpr std::uint64_t tib = 1ULL << 40;

}  // namespace fadeout::config
