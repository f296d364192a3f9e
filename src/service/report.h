#pragma once
#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cleanup/temporary.h"
#include "jobs/job_queue.h"
#include "service/prices.h"
#include "storage/object_store.h"

namespace fadeout::service {

/// What an object is, by its key.
enum class ObjectClass {
    original,   ///< pitches/{id}/..., uploads/...
    processed,  ///< pitches/{id}/processed/...
    temporary,  ///< under a temporary prefix
    other,
};
inline constexpr std::array object_classes = {ObjectClass::original, ObjectClass::processed,
                                              ObjectClass::temporary, ObjectClass::other};
/// The class's name in reports: "originals", "processed", "temporary", "other".
std::string_view name(ObjectClass object_class) noexcept;
ObjectClass classify(const storage::Key& key, const cleanup::TemporaryPrefixes& prefixes);

struct Total {
    std::uint64_t objects = 0, bytes = 0;
};

/// What became of remote processors' temporary files, as far as the queue remembers their clean-up jobs. Of a
/// job that is given up, or has not ended, all files count as failed, or as waiting.
struct TemporaryFileCounts {
    std::uint64_t cleaned = 0, waiting = 0, refused = 0, failed = 0;
};

using ClassTotals = std::array<Total, object_classes.size()>;

/// What lies in one store, and what it costs there.
struct StoreTotals {
    std::string provider, bucket;
    ClassTotals totals{};
    std::optional<Prices> prices{};
};

/// What was counted.
struct StorageReport {
    Time made;
    ClassTotals totals{};             ///< of what fadeout sees: an object that two stores hold counts once
    std::vector<StoreTotals> stores;  ///< one, or the two of a mirror or failover store; never empty
    Total copies;  ///< of the temporary ones, those that are no speech: what the three-copy way leaves
    Total own;     ///< of the processed ones, those that fadeout rendered: the others were stored as somebody
                   ///< else does
    TemporaryFileCounts temporary_files;

    const Total& of(ObjectClass object_class) const { return totals[static_cast<std::size_t>(object_class)]; }
};
Total sum(const ClassTotals& totals);

/// What the same results would have cost the three-copy way: the renderer stores a temporary object, its
/// caller fetches it, stores it again at the final key, and deletes the temporary one later. Each result that
/// fadeout rendered saved one write, one read, one delete, and its bytes twice on the way.
struct Avoided {
    std::uint64_t objects_written = 0, bytes_moved = 0, requests = 0;
    std::optional<double> cost{};  ///< US dollars, by the first store's prices; nothing without
};
Avoided avoided(const StorageReport& report);

/// Objects kept for each original: the original, its results, and temporary objects other than speech.
/// Nothing without originals.
std::optional<double> copies_per_original(const StorageReport& report);
/// The same if each result had its temporary copy still.
std::optional<double> copies_per_original_three_copy(const StorageReport& report);

/// US dollars a month for keeping so many bytes.
double storage_cost(const Prices& prices, std::uint64_t bytes);

struct PricedStore {
    storage::ObjectStore& objects;
    std::optional<Prices> prices;
};

/// Counts what lies in the store, and what the clean-up jobs did. Memory does not grow with their number.
class Report {
  public:
    /// `stores`: those that `objects` is made of, or itself alone.
    Report(storage::ObjectStore& objects, std::vector<PricedStore> stores, jobs::JobQueue& queue,
           const Clock& clock, cleanup::TemporaryPrefixes prefixes)
        : objects_(objects),
          stores_(std::move(stores)),
          queue_(queue),
          clock_(clock),
          prefixes_(std::move(prefixes)) {}

    /// Lists the whole bucket, and where it is kept in two stores each of them. `on_progress` hears how many
    /// objects were counted. Error(cancelled) on stop, and what the stores throw.
    StorageReport make(const std::function<void(std::uint64_t objects)>& on_progress, std::stop_token stop);

  private:
    void count(storage::ObjectStore& objects, const std::function<void(const storage::ObjectInfo&)>& each,
               const std::stop_token& stop) const;

    storage::ObjectStore& objects_;
    const std::vector<PricedStore> stores_;
    jobs::JobQueue& queue_;
    const Clock& clock_;
    const cleanup::TemporaryPrefixes prefixes_;
};

/// {"made_at", "provider", "bucket", "classes": {"originals": {"objects", "bytes", "cost_per_month"}, ...},
/// "copies_per_original", "copies_per_original_three_copy", "avoided": {"objects_written", "bytes_moved",
/// "requests", "cost"}, "temporary_files": {"cleaned", "waiting", "refused", "failed"}, "cost_per_month",
/// "prices": {...} or null, "stores": [{"provider", "bucket", "classes", "cost_per_month", "prices"}]}.
/// Provider, bucket and prices are the first store's. Costs are US dollars, those outside "stores" of all
/// stores together; null where no prices are known.
boost::json::object to_json(const StorageReport& report);
std::string to_markdown(const StorageReport& report);

}  // namespace fadeout::service
