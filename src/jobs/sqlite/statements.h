#pragma once
#include <string>
#include <string_view>

/// The SQL of the tables of jobs and of tenures. A partial index is only used where the statement spells its
/// states out; INDEXED BY keeps the planner from choosing a listing's index for them, which would sort all
/// waiting jobs at each lease.
namespace fadeout::jobs::statements {

inline const std::string select =
    "SELECT id, type, state, progress, attempts, process_deaths, created_at, updated_at, run_at, "
    "coalesce(idempotency_key, ''), token, lease_until, error, result, payload, follow_up, "
    "failures FROM jobs ";
inline const std::string select_by_id = select + "WHERE id = ?";
inline const std::string select_by_seq = select + "WHERE seq = ?";
inline const std::string select_by_key = select + "WHERE idempotency_key = ?";
inline const std::string select_expired =
    select +
    "INDEXED BY jobs_leased WHERE state = 'leased' AND lease_until <= ? ORDER BY lease_until LIMIT 1";
constexpr std::string_view any_expired =
    "SELECT 1 FROM jobs INDEXED BY jobs_leased WHERE state = 'leased' AND lease_until <= ? LIMIT 1";

constexpr std::string_view longest_due =
    "SELECT run_at, seq FROM jobs INDEXED BY jobs_due "
    "WHERE state = 'queued' AND run_at <= ? ORDER BY run_at, seq LIMIT 1";
constexpr std::string_view longest_due_of_type =
    "SELECT run_at, seq FROM jobs INDEXED BY jobs_due_by_type "
    "WHERE state = 'queued' AND type = ? AND run_at <= ? ORDER BY run_at, seq LIMIT 1";

inline const std::string page_end = "(created_at, id) < (?3, ?4) ORDER BY created_at DESC, id DESC";
inline const std::string page = select + "WHERE " + page_end;
inline const std::string page_by_state = select + "WHERE state = ?1 AND " + page_end;
inline const std::string page_by_type = select + "WHERE type = ?2 AND " + page_end;
inline const std::string page_by_both = select + "WHERE state = ?1 AND type = ?2 AND " + page_end;

constexpr std::string_view insert =
    "INSERT INTO jobs (id, type, state, progress, attempts, process_deaths, created_at, updated_at, run_at, "
    "idempotency_key, token, lease_until, error, result, payload, follow_up, failures) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)";
/// Everything but what never changes.
constexpr std::string_view update =
    "UPDATE jobs SET state = ?, progress = ?, attempts = ?, process_deaths = ?, updated_at = ?, run_at = ?, "
    "token = ?, lease_until = ?, error = ?, result = ?, follow_up = ?, failures = ? "
    "WHERE id = ?";
constexpr std::string_view count = "SELECT n FROM job_counts WHERE state = ?";
constexpr std::string_view remove_ended =
    "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs INDEXED BY jobs_ended "
    "WHERE state NOT IN ('queued', 'leased') AND updated_at < ? ORDER BY updated_at, seq LIMIT ?)";

constexpr std::string_view select_tenure = "SELECT holder, term, until FROM tenures WHERE name = ?";
constexpr std::string_view store_tenure =
    "INSERT OR REPLACE INTO tenures (name, holder, term, until) VALUES (?, ?, ?, ?)";

}  // namespace fadeout::jobs::statements
