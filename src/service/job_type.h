#pragma once
#include <array>
#include <boost/json/object.hpp>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "audio/render.h"
#include "jobs/job_queue.h"

namespace fadeout::service {

/// The names of all of them: a node may know fewer, since only one with two stores repairs them.
inline constexpr std::array<std::string_view, 6> job_type_names{"transcode", "process", "speak",
                                                                "cleanup",   "webhook", "repair"};

/// One kind of job. Each use case that can be a job makes its own (speak_job(), transcode_job(), ...);
/// app/wiring.cpp lists them.
struct JobType {
    std::string name;  ///< "transcode"
    /// Throws the Error that the matching request would be answered with; called before a job is accepted.
    /// Null: only fadeout itself makes such jobs, nobody may submit one.
    std::function<void(const boost::json::object& body)> check;
    /// Does the work and returns the job's result. May be called more than once for one job, and must have
    /// the effect of one call then.
    std::function<boost::json::object(const jobs::Job& job, const boost::json::object& body,
                                      const audio::OnProgress& on_progress, std::stop_token stop)>
        run;
    /// Before the second, third, ... attempt, after the last of which the job is dead, whatever the attempts
    /// failed by. Empty: the queue's back-off and retry limit, and apart from those, a day of outages.
    std::vector<Duration> retry_delays{};
};

}  // namespace fadeout::service
