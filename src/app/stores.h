#pragma once
#include <memory>
#include <optional>
#include <string>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/log_line.h"
#include "cli/program.h"
#include "config/settings.h"
#include "jobs/job_queue.h"
#include "records/record_store.h"
#include "service/repair.h"
#include "service/transcode.h"
#include "storage/object_store.h"

namespace fadeout::app {

struct Stores {
    std::unique_ptr<storage::ObjectStore> objects;
    std::unique_ptr<records::RecordStore> records;
    std::unique_ptr<jobs::JobQueue> queue;
    aws::Credentials link_credentials;  ///< that sign the links which fadeout serves itself
    std::optional<service::StorePair>
        pair;                     ///< where `objects` is a mirror or failover store: the two behind
    service::Head find_result{};  ///< of a failover store: FailoverStore::head_before_write()
};

/// The stores that the settings' URLs name, or those under the data folder where they name none. Makes that
/// folder, its databases and the signing key where they are missing. Error(invalid) for a URL of no known
/// kind, with the known ones; whatever the stores throw. `log` hears what a mirror or failover store gets
/// over.
Stores open_stores(const config::Settings& settings, const Clock& clock, const LogLine& log);

/// A plain store besides those of the settings. `must_exist`: Error(not_found) for a folder that is not
/// there.
std::unique_ptr<storage::ObjectStore> open_store(const config::Settings& settings, const std::string& url,
                                                 bool must_exist, const Clock& clock);

/// The same stores one by one. `settings` and `clock` must outlive what it returns.
cli::StateParts state_parts(const config::Settings& settings, const Clock& clock);

/// Stores that end with the process.
Stores stores_in_memory(const Clock& clock);

/// True where the jobs live in this machine's files, so that whoever accepts a job can also run it.
bool has_embedded_queue(const config::Settings& settings);

}  // namespace fadeout::app
