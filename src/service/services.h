#pragma once
#include <string>

#include "base/clock.h"
#include "service/cleanup.h"
#include "service/jobs.h"
#include "service/objects.h"
#include "service/process.h"
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
    Jobs& jobs;
    Cleanup& cleanup;
    storage::ObjectStore& store;
    records::RecordStore& records;
    speech::Synthesizer& synthesizer;
    Duration upload_link_expiry;
};

}  // namespace fadeout::service
