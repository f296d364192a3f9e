#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/uptime.h"
#include "jobs/job_queue.h"

namespace fadeout::jobs {

/// How long a node that leads may go without asking the queue, for a lease of this length.
///
/// A fifth of it passes between two renewals. It is trusted for two thirds, counted from before the request
/// was sent: the margin of a third is for clocks of nodes that differ and for what was begun just before.
Duration renew_every(Duration lease);
bool is_trusted(Duration sent, Duration now, Duration lease);  ///< `sent`, `now`: by uptime()

/// One node's part in choosing one of many that does what only one may do at a time, by a lease in the queue
/// that they share. Calls block and throw what the queue throws. One thread at a time.
class Leadership {
  public:
    using Uptime = std::function<Duration()>;

    /// `name`: what it is about. `lease`: a node that was killed is succeeded after that time and a fifth.
    Leadership(JobQueue& queue, std::string name, const Clock& clock, Duration lease,
               Uptime uptime = fadeout::uptime);

    /// Takes the lead where it is free, keeps it where it is this node's. False: another node has it.
    bool lead();

    /// True only if no other node has had the lead since lead() took it and none can have it yet: for the
    /// moment before each step. Asks the queue where the last answer is no longer fresh, so a node that was
    /// paused learns here what it missed. After false or an exception lead() begins anew.
    bool still_leads();

    /// Lets another node lead at once. Does nothing where this one does not.
    void resign();

    std::int64_t term() const noexcept { return term_; }       ///< of the present tenure; 0: none
    Duration patience() const { return renew_every(lease_); }  ///< lead() should be called this often

  private:
    bool ask(const TenureChange& change);

    JobQueue& queue_;
    const std::string name_;
    const std::string holder_;
    const Clock& clock_;
    const Duration lease_;
    const Uptime uptime_;
    std::int64_t term_ = 0;
    Duration asked_{};  ///< when the request was sent that the queue granted last, by uptime
};

}  // namespace fadeout::jobs
