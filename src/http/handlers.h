#pragma once
#include <vector>

#include "http/options.h"
#include "http/router.h"
#include "service/services.h"

namespace fadeout::http {

// The routes of one area each. `services` must outlive them.
std::vector<Route> speech_routes(service::Services& services, const Limits& limits);
std::vector<Route> transcode_routes(service::Services& services, const Limits& limits);
std::vector<Route> job_routes(service::Services& services, const Limits& limits);
std::vector<Route> upload_routes(service::Services& services, const Limits& limits);
std::vector<Route> object_routes(service::Services& services);
std::vector<Route> report_routes(service::Services& services);
std::vector<Route> link_routes(service::Services& services);
std::vector<Route> health_routes(service::Services& services, const Limits& limits);
/// What the others are, for people and programs.
std::vector<Route> index_routes();

/// All of them.
std::vector<Route> all_routes(service::Services& services, const Limits& limits);

}  // namespace fadeout::http
