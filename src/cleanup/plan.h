#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cleanup/temporary.h"
#include "records/record_store.h"

namespace fadeout::cleanup {

/// By what an object's end is decided.
enum class Mode {
    promise,  ///< its own record's ttl: never before the link that was handed out has expired
    day,      ///< its folder: everything of a day before today (UTC), as the original's noon run did
};

struct Policy {
    Mode mode = Mode::promise;
    Duration speech_link_expiry{std::chrono::hours(24)};
    Duration orphans_after{std::chrono::hours(24)};  ///< an object without record lives at least this long
    /// Nothing younger is deleted: the `days` of the manual clean-up. Also what decides outside temp-audio/.
    Duration min_age{0};
};

struct ObjectFact {
    TemporaryKey key;
    Time modified;
    std::uint64_t size_bytes = 0;
};

struct RecordFact {
    RecordFact(records::RecordId record_id, Time expiry)
        : id(std::move(record_id)), object_key(speech_key_of(id)), expires(expiry) {}

    records::RecordId id;
    std::string object_key;
    Time expires;
};

enum class Action {
    keep,
    remove,                ///< the object and its record, whichever there is
    remove_if_unrecorded,  ///< the object, once get() confirms that no live record promises it
    remove_if_missing,     ///< the record, once head() confirms that its object is gone
};

enum class Reason {
    link_expired,
    link_valid,
    no_record,
    no_record_young,
    day_over,
    day_not_over,
    old_enough,
    too_young,
    record_expired,  ///< and its object is gone already
    object_missing,
};

/// What is to be done about one key, and why. The pointers are into the facts given to plan().
struct Decision {
    Action action = Action::keep;
    Reason reason = Reason::link_valid;
    const ObjectFact* object = nullptr;
    const RecordFact* record = nullptr;
    std::optional<Time> until;  ///< of a keep: when it will be due, where that is known

    const std::string& key() const { return object != nullptr ? object->key.str() : record->object_key; }
};

/// Decides over objects and the records of the same keys: first one decision per object, in order, then one
/// per record without an object. Pure. The facts of one key must be in the same call, except that a record
/// whose id is no UUID may be in another one (its order among keys is not known): remove_if_unrecorded covers
/// that.
///
/// Under temp-audio/ in promise mode an object goes when now >= its record's ttl; without a record once it is
/// as old as the longer of speech_link_expiry and orphans_after. Elsewhere its age alone decides.
std::vector<Decision> plan(std::span<const ObjectFact> objects, std::span<const RecordFact> records,
                           const Policy& policy, Time now);

/// The class of a reason, for counting: "link expired", "no record", ...
std::string_view name(Reason reason) noexcept;
/// The reason with what makes it comprehensible: "link valid until 2026-11-20T23:59:00Z".
std::string explain(const Decision& decision);

}  // namespace fadeout::cleanup
