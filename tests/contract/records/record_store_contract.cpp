#include "record_store_contract.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/error.h"

namespace fadeout::records {

using namespace std::chrono_literals;
using testing::ElementsAre;

SpeechRecord RecordStoreContract::record(const std::string& audio_id, Duration lifetime) const {
    return {utc_date(clock_.now()),
            audio_id,
            "https://example.org/" + audio_id + "?X-Amz-Signature=1",
            "Hello",
            "en-us",
            1.25,
            unix_seconds(clock_.now() + lifetime)};
}

namespace {

std::vector<std::string> ids(const RecordPage& page) {
    std::vector<std::string> out;
    for (const SpeechRecord& r : page.records) out.push_back(r.audio_id);
    return out;
}

TEST_P(RecordStoreContract, KeepsAllSevenAttributesExactly) {
    SpeechRecord r = record("a");
    r.text = std::string("caf\xC3\xA9 'quoted' \"and\" a nul\0byte", 28);
    r.voice_id = "";
    r.duration_s = 0.1 + 0.2;
    r.ttl = 253'402'300'799;
    store_->put(r);
    EXPECT_EQ(store_->get(r.date, r.audio_id), r);
}

TEST_P(RecordStoreContract, KeepsALongText) {
    SpeechRecord r = record("a");
    r.text.assign(GetParam().long_text_bytes, 'x');
    store_->put(r);
    EXPECT_EQ(store_->get(r.date, r.audio_id), r);
}

TEST_P(RecordStoreContract, PutReplaces) {
    SpeechRecord r = record("a");
    store_->put(r);
    r.text = "Another";
    store_->put(r);
    EXPECT_EQ(store_->get(r.date, "a")->text, "Another");
    EXPECT_EQ(store_->list(r.date, "", 10, Visibility::all).records.size(), 1u);
}

TEST_P(RecordStoreContract, AbsentIsNothing) {
    store_->put(record("a"));
    EXPECT_FALSE(store_->get(record("a").date, "b"));
    EXPECT_FALSE(store_->get("1999-01-01", "a"));
    EXPECT_TRUE(store_->list("1999-01-01", "", 10, Visibility::all).records.empty());
}

// A backend may keep expired items for days; nobody may see them.
TEST_P(RecordStoreContract, ExpiredIsInvisibleFromItsTtlOn) {
    const SpeechRecord r = record("a", 10s);
    store_->put(r);
    clock_.advance(9'999ms);
    EXPECT_TRUE(store_->get(r.date, "a"));
    EXPECT_EQ(store_->list(r.date, "", 10, Visibility::live).records.size(), 1u);
    clock_.advance(1ms);
    EXPECT_FALSE(store_->get(r.date, "a"));
    EXPECT_TRUE(store_->list(r.date, "", 10, Visibility::live).records.empty());
    EXPECT_THAT(ids(store_->list(r.date, "", 10, Visibility::all)), ElementsAre("a"));
}

TEST_P(RecordStoreContract, ListsAscendingInPages) {
    for (const char* id : {"c", "a", "e", "b", "d"}) store_->put(record(id));
    const std::string date = record("a").date;
    const RecordPage first = store_->list(date, "", 2, Visibility::live);
    EXPECT_THAT(ids(first), ElementsAre("a", "b"));
    const RecordPage second = store_->list(date, first.next.value(), 2, Visibility::live);
    EXPECT_THAT(ids(second), ElementsAre("c", "d"));
    const RecordPage third = store_->list(date, second.next.value(), 2, Visibility::live);
    EXPECT_THAT(ids(third), ElementsAre("e"));
    EXPECT_FALSE(third.next);
}

TEST_P(RecordStoreContract, APageThatEndsTheDateHasNoNext) {
    store_->put(record("a"));
    store_->put(record("b"));
    EXPECT_FALSE(store_->list(record("a").date, "", 2, Visibility::live).next);
}

TEST_P(RecordStoreContract, PagesOfLiveRecordsAreFullAlthoughExpiredOnesLieBetween) {
    for (const char* id : {"a", "c", "e"}) store_->put(record(id, 1h));
    for (const char* id : {"b", "d"}) store_->put(record(id, 1s));
    clock_.advance(1s);
    const RecordPage page = store_->list(record("a").date, "", 2, Visibility::live);
    EXPECT_THAT(ids(page), ElementsAre("a", "c"));
    EXPECT_THAT(ids(store_->list(record("a").date, *page.next, 2, Visibility::live)), ElementsAre("e"));
}

// Fault 2: the original lists one page and forgets the rest.
TEST_P(RecordStoreContract, F02_EveryRecordOfADayIsFound) {
    constexpr int threads = 25, each = 100;
    const std::string date = record("").date;
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t)
        pool.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) store_->put(record(std::to_string(t) + "-" + std::to_string(i)));
        });
    pool.clear();
    std::set<std::string> seen;
    std::string cursor;
    for (;;) {
        const RecordPage page = store_->list(date, cursor, 5'000, Visibility::all);
        EXPECT_LE(page.records.size(), max_page_records);
        for (const SpeechRecord& r : page.records) EXPECT_TRUE(seen.insert(r.audio_id).second);
        if (!page.next) break;
        cursor = *page.next;
    }
    EXPECT_EQ(seen.size(), std::size_t{threads * each});
}

TEST_P(RecordStoreContract, NamesEveryDateOnceAscending) {
    EXPECT_TRUE(store_->dates().empty());
    for (const char* date : {"2026-11-20", "2025-01-01", "2026-11-19", "2026-11-20"}) {
        SpeechRecord r = record("a", -1s);  // expired ones count as well: the sweep must find them
        r.date = date;
        store_->put(r);
        r.audio_id = "b";
        store_->put(r);
    }
    EXPECT_THAT(store_->dates(), ElementsAre("2025-01-01", "2026-11-19", "2026-11-20"));
}

TEST_P(RecordStoreContract, RemovesWhatIsThereAndToleratesWhatIsNot) {
    for (const char* id : {"a", "b", "c"}) store_->put(record(id));
    const std::string date = record("a").date;
    store_->remove({{date, "a"}, {date, "absent"}, {"1999-01-01", "b"}, {date, "c"}, {date, "a"}});
    store_->remove({});
    EXPECT_THAT(ids(store_->list(date, "", 10, Visibility::all)), ElementsAre("b"));
}

TEST_P(RecordStoreContract, RemovesOnlyExpiredUpToTheLimit) {
    for (const char* id : {"a", "b", "c"}) store_->put(record(id, 1s));
    store_->put(record("live", 2s));
    clock_.advance(1s);
    EXPECT_EQ(store_->remove_expired(0), 0u);
    EXPECT_EQ(store_->remove_expired(2), 2u);
    EXPECT_EQ(store_->remove_expired(100), 1u);
    EXPECT_EQ(store_->remove_expired(100), 0u);
    EXPECT_THAT(ids(store_->list(record("a").date, "", 10, Visibility::all)), ElementsAre("live"));
}

TEST_P(RecordStoreContract, CheckIsContentWithAWorkingStore) {
    EXPECT_NO_THROW(store_->check());
}

TEST_P(RecordStoreContract, ManyThreadsMayPutReadAndRemoveAtOnce) {
    constexpr int threads = 8, each = 50;
    const std::string date = record("").date;
    {
        std::vector<std::jthread> pool;
        for (int t = 0; t < threads; ++t) {
            pool.emplace_back([&, t] {
                for (int i = 0; i < each; ++i) {
                    const std::string id = std::to_string(t) + "-" + std::to_string(i);
                    store_->put(record(id));
                    EXPECT_TRUE(store_->get(date, id)) << "a put that returned must be seen by a later read";
                    if (i % 2) store_->remove({{date, id}});
                }
            });
        }
    }
    EXPECT_EQ(store_->list(date, "", 1'000, Visibility::all).records.size(), threads * each / 2u);
}

// Random operations against a plain map.
TEST_P(RecordStoreContract, BehavesAsAMapThatForgets) {
    std::mt19937 random(11);
    std::map<std::pair<std::string, std::string>, SpeechRecord> oracle;
    for (int step = 0; step < 600; ++step) {
        SpeechRecord r = record(std::to_string(random() % 30), Duration(random() % 20'000));
        r.date = random() % 2 ? "2026-11-20" : "2026-11-21";
        const auto expired = [&](const SpeechRecord& x) { return x.ttl <= unix_seconds(clock_.now()); };
        switch (random() % 8) {
            case 0:
                clock_.advance(Duration(random() % 3'000));
                break;
            case 1:
                store_->remove({{r.date, r.audio_id}});
                oracle.erase({r.date, r.audio_id});
                break;
            case 2:
                if (random() % 10) break;
                EXPECT_EQ(store_->remove_expired(1'000),
                          std::erase_if(oracle, [&](const auto& entry) { return expired(entry.second); }));
                break;
            default:
                store_->put(r);
                oracle[{r.date, r.audio_id}] = r;
        }
        const auto found = oracle.find({r.date, r.audio_id});
        const bool visible = found != oracle.end() && !expired(found->second);
        EXPECT_EQ(store_->get(r.date, r.audio_id), visible ? std::optional(found->second) : std::nullopt);
        std::vector<SpeechRecord> live;
        for (const auto& [id, entry] : oracle)
            if (id.first == r.date && !expired(entry)) live.push_back(entry);
        EXPECT_EQ(store_->list(r.date, "", 100, Visibility::live).records, live);
    }
}

}  // namespace
}  // namespace fadeout::records
