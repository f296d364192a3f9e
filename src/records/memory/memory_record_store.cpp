#include "records/memory/memory_record_store.h"

#include <algorithm>

namespace fadeout::records {

void MemoryRecordStore::put(const SpeechRecord& record) {
    std::lock_guard lock(mutex_);
    records_[{record.date, record.audio_id}] = record;
}

std::optional<SpeechRecord> MemoryRecordStore::get(const std::string& date, const std::string& audio_id) {
    std::lock_guard lock(mutex_);
    const auto found = records_.find({date, audio_id});
    if (found == records_.end() || is_expired(found->second)) return std::nullopt;
    return found->second;
}

RecordPage MemoryRecordStore::list(const std::string& date, std::string_view cursor, std::size_t limit,
                                   Visibility visibility) {
    std::lock_guard lock(mutex_);
    limit = std::clamp<std::size_t>(limit, 1, max_page_records);
    RecordPage page;
    for (auto it = records_.upper_bound({date, std::string(cursor)});
         it != records_.end() && it->first.first == date; ++it) {
        if (visibility == Visibility::live && is_expired(it->second)) continue;
        if (page.records.size() == limit) {
            page.next = page.records.back().audio_id;
            break;
        }
        page.records.push_back(it->second);
    }
    return page;
}

std::vector<std::string> MemoryRecordStore::dates() {
    std::lock_guard lock(mutex_);
    std::vector<std::string> dates;
    for (const auto& [id, record] : records_)
        if (dates.empty() || dates.back() != id.first) dates.push_back(id.first);
    return dates;
}

void MemoryRecordStore::remove(const std::vector<RecordId>& ids) {
    std::lock_guard lock(mutex_);
    for (const RecordId& id : ids) records_.erase({id.date, id.audio_id});
}

std::size_t MemoryRecordStore::remove_expired(std::size_t limit) {
    std::lock_guard lock(mutex_);
    std::size_t removed = 0;
    for (auto it = records_.begin(); it != records_.end() && removed < limit;) {
        if (is_expired(it->second)) {
            it = records_.erase(it);
            ++removed;
        } else {
            ++it;
        }
    }
    return removed;
}

}  // namespace fadeout::records
