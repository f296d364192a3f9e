#include "jobs/leadership.h"

#include <utility>

#include "base/ids.h"

namespace fadeout::jobs {

Duration renew_every(Duration lease) {
    return lease / 5;
}

bool is_trusted(Duration sent, Duration now, Duration lease) {
    const Duration margin = lease / 3;
    return now < sent + lease - margin;
}

Leadership::Leadership(JobQueue& queue, std::string name, const Clock& clock, Duration lease, Uptime uptime)
    : queue_(queue),
      name_(std::move(name)),
      holder_(make_uuid()),
      clock_(clock),
      lease_(lease),
      uptime_(std::move(uptime)) {}

bool Leadership::lead() {
    return still_leads() ||
           ask([&](Tenure& tenure) { return on_acquire(tenure, holder_, lease_, clock_.now()); });
}

bool Leadership::still_leads() {
    if (term_ == 0) return false;
    if (uptime_() < asked_ + renew_every(lease_)) return true;
    // It leads no longer until the queue has said yes, and soon enough.
    const std::int64_t term = std::exchange(term_, 0);
    return ask([&](Tenure& tenure) { return on_renew(tenure, holder_, term, lease_, clock_.now()); });
}

bool Leadership::ask(const TenureChange& change) {
    const Duration sent = uptime_();
    std::int64_t term = 0;
    const bool granted = queue_.change_tenure(name_, [&](Tenure& tenure) {
        const bool changed = change(tenure);
        term = tenure.term;
        return changed;
    });
    if (!granted || !is_trusted(sent, uptime_(), lease_)) return false;
    term_ = term;
    asked_ = sent;
    return true;
}

void Leadership::resign() {
    if (term_ == 0) return;
    const std::int64_t term = std::exchange(term_, 0);
    queue_.change_tenure(name_, [&](Tenure& tenure) { return on_resign(tenure, holder_, term); });
}

}  // namespace fadeout::jobs
