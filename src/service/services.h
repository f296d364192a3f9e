#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/cleanup.h"
#include "service/jobs.h"
#include "service/metrics.h"
#include "service/objects.h"
#include "service/process.h"
#include "service/repair.h"
#include "service/report.h"
#include "service/resigned_links.h"
#include "service/sources.h"
#include "service/speech.h"
#include "service/transcode.h"
#include "service/uploads.h"
#include "service/waveform.h"

namespace fadeout::service {

/// The use cases that http/, cli/ and the worker call. Made by app/wiring.cpp, which owns what is referred
/// to.
struct Services {
    const Clock& clock;
    Speech& speech;
    const Sources& sources;
    Transcode& transcode;
    Process& process;
    Objects& objects;
    const ResignedLinks& resigned_links;
    Jobs& jobs;
    Cleanup& cleanup;
    Report& report;
    Metrics& metrics;
    storage::ObjectStore& store;
    records::RecordStore& records;
    speech::Synthesizer& synthesizer;
    Duration upload_link_expiry;
    std::optional<StorePair> pair{};  ///< where `store` is a mirror or failover store: the two behind it
};

/// The stores that `services.store` is made of: the two of a mirror or failover store, else itself.
inline std::vector<storage::ObjectStore*> plain_stores(const Services& services) {
    if (services.pair) return {&services.pair->first, &services.pair->second};
    return {&services.store};
}

}  // namespace fadeout::service
