#include "cleanup/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <map>
#include <random>

#include "base/ids.h"

namespace fadeout::cleanup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const TemporaryPrefixes prefixes({"temp-audio/", "processed-audio/"});

Time at(int year, unsigned month, unsigned day, int hour, int minute, int second = 0) {
    return std::chrono::sys_days(std::chrono::year(year) / month / day) + hours(hour) + minutes(minute) +
           std::chrono::seconds(second);
}

const Time noon = at(2026, 11, 20, 12, 0);

std::string uuid(int n) {
    std::string digits = std::to_string(n);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

ObjectFact object(const std::string& key, Time modified) {
    return {*prefixes.admit(storage::Key::parse(key)), modified, 100};
}

std::vector<ObjectFact> one(const std::string& key, Time modified) {
    return {object(key, modified)};
}

Decision decide(const std::vector<ObjectFact>& objects, const std::vector<RecordFact>& records,
                const Policy& policy, Time now) {
    const auto decisions = plan(objects, records, policy, now);
    EXPECT_EQ(decisions.size(), 1u);
    return decisions.at(0);
}

/// An object made at `made` and its record of 24 h, under the folder of that day.
struct Spoken {
    explicit Spoken(Time made)
        : id{utc_date(made), uuid(1)},
          objects(one(speech_key_of(id), made)),
          records{{id, made + hours(24)}} {}
    records::RecordId id;
    std::vector<ObjectFact> objects;
    std::vector<RecordFact> records;
};

// Half of a day's links died at noon of the next day, the worst after 12 of 24 hours.
TEST(Faults, F03_NoonRunKeepsEveryLinkAlive) {
    for (int minute = 0; minute < 24 * 60; ++minute) {
        const Time made = at(2026, 11, 19, 0, 0) + minutes(minute);
        const Spoken spoken(made);
        const Decision decision = decide(spoken.objects, spoken.records, {}, noon);
        EXPECT_EQ(decision.action == Action::remove, made + hours(24) <= noon) << minute;
    }
}

TEST(Plan, AnObjectOf2359IsServedUntil2359NextDay) {
    const Spoken spoken(at(2026, 11, 19, 23, 59));
    const Decision before = decide(spoken.objects, spoken.records, {}, at(2026, 11, 20, 23, 58, 59));
    EXPECT_EQ(before.action, Action::keep);
    EXPECT_EQ(explain(before), "link still valid, kept until 2026-11-20T23:59:00Z");
    const Decision after = decide(spoken.objects, spoken.records, {}, at(2026, 11, 20, 23, 59));
    EXPECT_EQ(after.action, Action::remove);
    EXPECT_EQ(explain(after), "link expired");
}

// "24 hours" were 18.5 in Kolkata and 29 in New York.
TEST(Faults, F06_TimeZoneChangesNothing) {
    const char* before = std::getenv("TZ");
    const std::string restored = before == nullptr ? "" : before;
    for (const char* zone : {"UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"}) {
        ::setenv("TZ", zone, 1);
        ::tzset();
        const Spoken spoken(at(2026, 11, 19, 23, 59));
        const Time end = at(2026, 11, 20, 23, 59);
        EXPECT_EQ(decide(spoken.objects, spoken.records, {}, end - Duration(1)).action, Action::keep) << zone;
        EXPECT_EQ(decide(spoken.objects, spoken.records, {}, end).action, Action::remove) << zone;
        EXPECT_EQ(decide(spoken.objects, {}, {}, end - Duration(1)).action, Action::keep) << zone;
        EXPECT_EQ(decide(spoken.objects, {}, {}, end).action, Action::remove) << zone;
        const Policy by_day{.mode = Mode::day};
        EXPECT_EQ(decide(spoken.objects, {}, by_day, at(2026, 11, 19, 23, 59, 59)).action, Action::keep)
            << zone;
        EXPECT_EQ(decide(spoken.objects, {}, by_day, at(2026, 11, 20, 0, 0)).action, Action::remove) << zone;
    }
    before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", restored.c_str(), 1);
    ::tzset();
}

// The original looked at yesterday's folder only; a day that was missed stayed for ever.
TEST(Faults, F04_AnyEarlierDayIsDue) {
    for (const int days : {1, 2, 30, 400}) {
        const Spoken spoken(noon - hours(24) * days);
        EXPECT_EQ(decide(spoken.objects, spoken.records, {}, noon).action, Action::remove) << days;
        EXPECT_EQ(decide(spoken.objects, {}, {}, noon).action, Action::remove) << days;
        EXPECT_EQ(decide(spoken.objects, spoken.records, {.mode = Mode::day}, noon).action, Action::remove)
            << days;
    }
}

TEST(Plan, AFolderOfTheWrongDateDoesNotShortenAPromise) {
    const std::string id = uuid(1);
    for (const char* date : {"2001-01-01", "2026-11-20", "2999-12-31"}) {
        const auto objects = one(speech_key_of({date, id}), noon - hours(1));
        const std::vector<RecordFact> records = {{{date, id}, noon + hours(23)}};
        EXPECT_EQ(decide(objects, records, {}, noon).action, Action::keep) << date;
        EXPECT_EQ(decide(objects, records, {}, noon + hours(23)).action, Action::remove) << date;
    }
}

TEST(Plan, AClockSetBackKeepsMore) {
    const Spoken spoken(noon);
    EXPECT_EQ(decide(spoken.objects, spoken.records, {}, noon - hours(24 * 365)).action, Action::keep);
    EXPECT_EQ(decide(spoken.objects, {}, {}, noon - hours(24 * 365)).action, Action::keep);
}

TEST(Plan, AnOrphanLivesAsLongAsALinkCould) {
    const auto objects = one("temp-audio/2026-11-20/" + uuid(1) + ".wav", noon);
    const Policy policy{.speech_link_expiry = hours(48), .orphans_after = hours(1)};
    EXPECT_EQ(decide(objects, {}, policy, noon + hours(48) - Duration(1)).action, Action::keep);
    EXPECT_EQ(decide(objects, {}, policy, noon + hours(48)).action, Action::remove);
    const Policy patient{.speech_link_expiry = hours(1), .orphans_after = hours(72)};
    EXPECT_EQ(decide(objects, {}, patient, noon + hours(71)).action, Action::keep);
}

TEST(Plan, ANameOutOfOrderIsRemovedOnlyIfNoRecordIsFound) {
    const auto objects = one("temp-audio/2026-11-01/letter-1.wav", noon - hours(100));
    EXPECT_EQ(decide(objects, {}, {}, noon).action, Action::remove_if_unrecorded);
}

TEST(Plan, ForeignFilesGoByAge) {
    for (const char* key : {"temp-audio/readme.txt", "temp-audio/2026-11-01/notes.txt",
                            "temp-audio/2026-11-01/a/b.wav", "temp-audio/2026-99-99/x.wav"}) {
        EXPECT_EQ(decide(one(key, noon - hours(23)), {}, {}, noon).action, Action::keep) << key;
        EXPECT_EQ(decide(one(key, noon - hours(24)), {}, {}, noon).action, Action::remove) << key;
    }
}

TEST(Plan, ARecordOfAnotherKeyProtectsAndCondemnsNothing) {
    const Spoken spoken(noon - hours(1));
    const std::vector<RecordFact> others = {{{spoken.id.date, uuid(2)}, noon - hours(1)},
                                            {{"2026-11-18", spoken.id.audio_id}, noon + hours(1)}};
    const auto decisions = plan(spoken.objects, others, {}, noon);
    ASSERT_EQ(decisions.size(), 3u);
    EXPECT_EQ(decisions[0].reason, Reason::no_record_young);
    EXPECT_EQ(decisions[1].action, Action::remove);
    EXPECT_EQ(decisions[1].reason, Reason::record_expired);
    EXPECT_EQ(decisions[2].action, Action::remove_if_missing);
}

TEST(Plan, ByDayTodaysFolderStaysAndEarlierOnesGoWhole) {
    const Policy by_day{.mode = Mode::day};
    const auto action = [&](const std::string& key, Time now) {
        return decide(one(key, now - minutes(1)), {}, by_day, now).action;
    };
    EXPECT_EQ(action("temp-audio/2026-11-19/" + uuid(1) + ".wav", noon), Action::remove);
    EXPECT_EQ(action("temp-audio/2026-11-19/notes.txt", noon), Action::remove);
    EXPECT_EQ(action("temp-audio/2026-11-20/" + uuid(1) + ".wav", at(2026, 11, 20, 23, 59, 59)),
              Action::keep);
    EXPECT_EQ(action("temp-audio/2026-11-21/" + uuid(1) + ".wav", noon), Action::keep);
    EXPECT_EQ(action("temp-audio/readme.txt", noon), Action::keep);
}

TEST(Plan, OutsideTempAudioAgeDecides) {
    const Policy week{.min_age = hours(24 * 7)};
    EXPECT_EQ(decide(one("processed-audio/a/b.mp3", noon - hours(24 * 7)), {}, week, noon).action,
              Action::remove);
    EXPECT_EQ(
        decide(one("processed-audio/a/b.mp3", noon - hours(24 * 7) + Duration(1)), {}, week, noon).action,
        Action::keep);
    EXPECT_EQ(decide(one("processed-audio/b.mp3", noon + hours(1)), {}, {}, noon).action, Action::keep);
}

/// The same rules as a plain list of questions about one key, written without looking at plan.cpp's
/// structure.
struct Oracle {
    Policy policy;
    Time now;

    bool object_goes(const std::string& key, Time modified, const Time* ttl) const {
        const Duration age = now - modified;
        if (age < policy.min_age) return false;
        if (key.rfind("temp-audio/", 0) != 0) return true;
        const std::string day = key.substr(11, 10);
        if (policy.mode == Mode::day && day.size() == 10 && day[0] == '2') return day < utc_date(now);
        if (ttl != nullptr) return now >= *ttl;
        return age >= policy.speech_link_expiry && age >= policy.orphans_after;
    }
};

TEST(Plan, AgreesWithTheOracle) {
    std::mt19937 random(20261120);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 3'000; ++round) {
        Policy policy{.mode = pick(4) == 0 ? Mode::day : Mode::promise,
                      .speech_link_expiry = hours(1 + pick(48)),
                      .orphans_after = hours(pick(48)),
                      .min_age = pick(3) == 0 ? hours(pick(72)) : hours(0)};
        const Time now = noon + minutes(pick(2 * 24 * 60) - 24 * 60);
        std::vector<ObjectFact> objects;
        std::vector<RecordFact> records;
        std::map<std::string, Time> ttls, modified;
        for (int n = pick(8); n > 0; --n) {
            const Time made =
                noon + minutes(pick(6 * 24 * 60) - 5 * 24 * 60);  // some in the future: skewed clocks
            const std::string date = utc_date(pick(4) == 0 ? made - hours(24) : made);
            const std::string names[] = {date + "/" + uuid(n) + ".wav", date + "/foreign.txt", "foreign.txt",
                                         date + "/" + uuid(n) + ".wav.part"};
            const std::string key = (pick(9) == 0 ? "processed-audio/" : "temp-audio/") + names[pick(6) % 4];
            if (pick(5) > 0 && !modified.contains(key)) {
                objects.push_back(object(key, made));
                modified[key] = made;
            }
            const records::RecordId id{date, uuid(pick(5) == 0 ? n + 100 : n)};
            if (pick(4) > 0 && !ttls.contains(speech_key_of(id))) {
                const Time ttl = made + hours(pick(72));
                records.push_back({id, ttl});
                ttls[speech_key_of(id)] = ttl;
            }
        }
        std::shuffle(objects.begin(), objects.end(), random);
        std::shuffle(records.begin(), records.end(), random);
        const Oracle oracle{policy, now};
        std::map<std::string, Action> decided;
        for (const Decision& decision : plan(objects, records, policy, now)) {
            EXPECT_TRUE(decided.emplace(decision.key(), decision.action).second) << "decided twice";
        }
        std::size_t expected = modified.size();
        for (const auto& [key, time] : modified) {
            const auto ttl = ttls.find(key);
            const bool goes = oracle.object_goes(key, time, ttl == ttls.end() ? nullptr : &ttl->second);
            EXPECT_EQ(decided.at(key), goes ? Action::remove : Action::keep) << key << " round " << round;
        }
        for (const auto& [key, ttl] : ttls) {
            if (modified.contains(key)) continue;
            ++expected;
            EXPECT_EQ(decided.at(key), now >= ttl ? Action::remove : Action::remove_if_missing) << key;
        }
        EXPECT_EQ(decided.size(), expected);
    }
}

}  // namespace
}  // namespace fadeout::cleanup
