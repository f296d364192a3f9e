#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace fadeout::jobs {

/// A lease under a name, of which there is one at a time: who of many nodes sweeps, say. As a queue keeps it.
struct Tenure {
    std::string holder;     ///< empty: nobody
    std::int64_t term = 0;  ///< the fencing term: each new tenure has a higher one than all before it
    Time until{};           ///< others may take it from then on, by the clocks of the nodes
};

/// Changes a tenure and returns true, or leaves it as it is and returns false.
using TenureChange = std::function<bool(Tenure& tenure)>;

/// What follows which event, without I/O, for every backend.

/// A new tenure, with the next term, if no other holder has one now.
bool on_acquire(Tenure& tenure, std::string_view holder, Duration lease, Time now);
/// Prolongs to `lease` from now, unless somebody has acquired or resigned it since `term` began. One that ran
/// out and that nobody wanted goes on.
bool on_renew(Tenure& tenure, std::string_view holder, std::int64_t term, Duration lease, Time now);
/// Leaves it to whoever comes next; the term stays, so that the next one is higher.
bool on_resign(Tenure& tenure, std::string_view holder, std::int64_t term);

}  // namespace fadeout::jobs
