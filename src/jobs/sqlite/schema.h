#pragma once
#include <array>

namespace fadeout::jobs {

/// Times are Unix milliseconds. `seq` is the order of arrival. `token` and `lease_until` belong to the lease.
/// job_counts is kept by triggers, because counting a hundred thousand waiting jobs at each enqueue would not
/// do.
inline constexpr std::array migrations = {
    R"(
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    progress INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    process_deaths INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    idempotency_key TEXT UNIQUE,
    token TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    error TEXT NOT NULL,
    result TEXT NOT NULL,
    payload TEXT NOT NULL);
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_due_by_type ON jobs (type, run_at) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'leased';
CREATE INDEX jobs_ended ON jobs (updated_at) WHERE state NOT IN ('queued', 'leased');
CREATE INDEX jobs_newest ON jobs (created_at, id);
CREATE INDEX jobs_newest_by_state ON jobs (state, created_at, id);
CREATE INDEX jobs_newest_by_type ON jobs (type, created_at, id);

CREATE TABLE job_counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO job_counts VALUES
    ('queued', 0), ('leased', 0), ('done', 0), ('failed', 0), ('dead', 0), ('cancelled', 0);
CREATE TRIGGER jobs_inserted AFTER INSERT ON jobs BEGIN
    UPDATE job_counts SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
    UPDATE job_counts SET n = n - 1 WHERE state = old.state;
    UPDATE job_counts SET n = n + 1 WHERE state = new.state;
END;
CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs BEGIN
    UPDATE job_counts SET n = n - 1 WHERE state = old.state;
END;
)",
    R"(
CREATE TABLE tenures (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    term INTEGER NOT NULL,
    until INTEGER NOT NULL) WITHOUT ROWID;
)",
    "ALTER TABLE jobs ADD COLUMN follow_up TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0",
};

}  // namespace fadeout::jobs
