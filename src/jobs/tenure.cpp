#include "jobs/tenure.h"

namespace fadeout::jobs {

bool on_acquire(Tenure& tenure, std::string_view holder, Duration lease, Time now) {
    const bool is_free = tenure.holder.empty() || tenure.holder == holder || tenure.until <= now;
    if (is_free) tenure = {std::string(holder), tenure.term + 1, now + lease};
    return is_free;
}

bool on_renew(Tenure& tenure, std::string_view holder, std::int64_t term, Duration lease, Time now) {
    const bool is_present = tenure.holder == holder && tenure.term == term;
    if (is_present) tenure.until = now + lease;
    return is_present;
}

bool on_resign(Tenure& tenure, std::string_view holder, std::int64_t term) {
    const bool is_present = tenure.holder == holder && tenure.term == term;
    if (is_present) tenure = {.holder = {}, .term = term, .until = {}};
    return is_present;
}

}  // namespace fadeout::jobs
