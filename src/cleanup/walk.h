#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cleanup/plan.h"
#include "cleanup/temporary.h"
#include "records/record_store.h"
#include "storage/object_store.h"

namespace fadeout::cleanup {

/// Objects and records of one range of keys: whatever exists of a key whose id is a UUID is in the same
/// chunk.
struct Chunk {
    std::vector<ObjectFact> objects;
    std::vector<RecordFact> records;
    bool empty() const noexcept { return objects.empty() && records.empty(); }
};

/// Walks everything under a temporary path, of all days, in the order of the keys: the paged list of objects
/// merged with the paged lists of records, so that memory is independent of their number. Both lists ascend:
/// objects by key, records by date and audio_id, which is the same order because UUIDs are of equal length.
/// Objects that nobody expects there simply match no record; records of another shape come with any chunk.
class Walk {
  public:
    static constexpr std::size_t max_page = 1'000;

    /// `page`: about how many objects and records a chunk holds at most, 1 to max_page.
    Walk(storage::ObjectStore& objects, records::RecordStore& records, const TemporaryPrefixes& prefixes,
         TemporaryPath path, std::size_t page = max_page);

    /// The next chunk; an empty one at the end.
    Chunk next();

  private:
    void fill_objects();
    void fill_records();
    void take_records(const records::RecordPage& page);
    bool more_objects() const noexcept { return object_cursor_.has_value(); }
    bool more_records() const noexcept { return !dates_.empty(); }
    std::optional<std::string> horizon() const;

    storage::ObjectStore& objects_;
    records::RecordStore& records_;
    const TemporaryPrefixes& prefixes_;
    TemporaryPath path_;
    std::size_t page_;
    std::deque<std::string> dates_;  ///< still to be read, the front one from record_cursor_ on
    std::string record_cursor_;
    std::optional<std::string> object_cursor_ = "";  ///< nothing once the list is exhausted
    std::deque<ObjectFact> read_objects_;
    std::deque<RecordFact> read_records_;
    std::vector<RecordFact> unordered_records_;
};

}  // namespace fadeout::cleanup
