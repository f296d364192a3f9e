#include "cleanup/walk.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"

namespace fadeout::cleanup {

namespace {

/// A record may carry a text of megabytes, of which only id and ttl are kept: small pages bound what is in
/// memory.
constexpr std::size_t record_page = 100;
/// The years 1970 to 9999: a ttl beyond them computes as their ends, without overflow.
constexpr long long min_ttl = 0, max_ttl = 253'402'300'799;

RecordFact fact_of(const records::SpeechRecord& record) {
    return {{record.date, record.audio_id}, from_unix_seconds(std::clamp(record.ttl, min_ttl, max_ttl))};
}

}  // namespace

Walk::Walk(storage::ObjectStore& objects, records::RecordStore& records, const TemporaryPrefixes& prefixes,
           TemporaryPath path, std::size_t page)
    : objects_(objects), records_(records), prefixes_(prefixes), path_(std::move(path)), page_(page) {
    if (!path_.holds_speech()) return;
    for (std::string& date : records_.dates()) {
        if (speech_key_of({date, ""}).starts_with(path_.str())) dates_.push_back(std::move(date));
    }
    std::ranges::sort(dates_);
}

void Walk::fill_objects() {
    while (read_objects_.empty() && more_objects()) {
        storage::ObjectPage page = objects_.list(path_.str(), *object_cursor_, page_);
        for (storage::ObjectInfo& object : page.objects) {
            if (auto key = prefixes_.admit(object.key)) {
                read_objects_.push_back({std::move(*key), object.modified, object.size_bytes});
            }
        }
        object_cursor_ = std::move(page.next);
    }
}

void Walk::take_records(const records::RecordPage& page) {
    for (const records::SpeechRecord& record : page.records) {
        RecordFact fact = fact_of(record);
        if (is_date(record.date) && is_uuid(record.audio_id)) {
            read_records_.push_back(std::move(fact));
        } else {
            unordered_records_.push_back(std::move(fact));
        }
    }
}

void Walk::fill_records() {
    if (!read_records_.empty()) return;
    while (read_records_.size() + unordered_records_.size() < page_ && more_records()) {
        const records::RecordPage page = records_.list(
            dates_.front(), record_cursor_, std::min(page_, record_page), records::Visibility::all);
        take_records(page);
        record_cursor_ = page.next.value_or("");
        if (!page.next) dates_.pop_front();
    }
}

/// The last key up to which both lists are known; nothing if that is all of them.
std::optional<std::string> Walk::horizon() const {
    std::optional<std::string> last;
    if (more_objects()) last = read_objects_.back().key.str();
    if (more_records() && (!last || read_records_.back().object_key < *last))
        last = read_records_.back().object_key;
    return last;
}

Chunk Walk::next() {
    fill_objects();
    fill_records();
    Chunk chunk;
    chunk.records = std::exchange(unordered_records_, {});
    // A page of nothing but records of another shape says nothing about which keys have a record.
    if (read_records_.empty() && more_records()) return chunk;

    const std::optional<std::string> last = horizon();
    while (!read_objects_.empty() && (!last || read_objects_.front().key.str() <= *last)) {
        chunk.objects.push_back(std::move(read_objects_.front()));
        read_objects_.pop_front();
    }
    while (!read_records_.empty() && (!last || read_records_.front().object_key <= *last)) {
        chunk.records.push_back(std::move(read_records_.front()));
        read_records_.pop_front();
    }
    return chunk;
}

}  // namespace fadeout::cleanup
