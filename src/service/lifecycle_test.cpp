#include "service/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/json_text.h"

namespace fadeout::service {
namespace {

using storage::LifecycleRule;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

const LifecyclePromises usual{.temporary_prefixes = {"temp-audio/", "processed-audio/"},
                              .speech_link_expiry = 24h,
                              .orphans_after = 24h,
                              .cleanup_delay = 60min,
                              .uploads_after = 24h};

LifecycleRule expiring(const std::string& prefix, int days) {
    LifecycleRule rule;
    rule.id = "mine";
    rule.prefix = prefix;
    rule.expire_days = days;
    return rule;
}

/// The differences that one rule beside the whole net makes.
std::vector<std::string> beside_the_net(LifecycleRule rule, const LifecyclePromises& promises = usual) {
    std::vector<LifecycleRule> rules = safety_net(promises);
    rules.push_back(std::move(rule));
    std::vector<std::string> texts;
    for (const LifecycleDifference& found : compare_lifecycle(promises, rules)) {
        EXPECT_TRUE(found.is_danger);
        EXPECT_EQ(found.rule, "mine");
        texts.push_back(found.text);
    }
    return texts;
}

std::vector<std::string> holes(const std::vector<LifecycleRule>& rules) {
    std::vector<std::string> texts;
    for (const LifecycleDifference& found : compare_lifecycle(usual, rules))
        if (!found.is_danger) texts.push_back(found.text);
    return texts;
}

TEST(Lifecycle, TheNetIsADayLaterThanThePromise) {
    struct Case {
        Duration link, orphans, delay, uploads;
        int speech_days, other_days, abort_days;
    };
    for (const Case& c : std::vector<Case>{{24h, 24h, 1h, 24h, 2, 8, 1},
                                           {24h + 1s, 1h, 1h, 1h, 3, 8, 1},
                                           {1h, 1h, 0h, 25h, 2, 8, 2},
                                           {168h, 24h, 170h, 8760h, 8, 9, 7},
                                           {1h, 240h, 8760h, 168h, 11, 366, 7}}) {
        const auto rules = safety_net({usual.temporary_prefixes, c.link, c.orphans, c.delay, c.uploads});
        ASSERT_EQ(rules.size(), 3u);
        EXPECT_EQ(rules[0].prefix, "temp-audio/");
        EXPECT_EQ(rules[0].expire_days, c.speech_days);
        EXPECT_EQ(rules[1].expire_days, c.other_days);
        EXPECT_EQ(rules[2].prefix, "");
        EXPECT_EQ(rules[2].abort_days, c.abort_days);
        EXPECT_FALSE(rules[2].expires());
    }
}

TEST(Lifecycle, ItsOwnNetIsWell) {
    EXPECT_TRUE(compare_lifecycle(usual, safety_net(usual)).empty());
    LifecyclePromises folders = usual;
    folders.temporary_prefixes = {"temp-audio/", "temp-audio/tests/", "x/y/"};
    EXPECT_TRUE(compare_lifecycle(folders, safety_net(folders)).empty());
}

TEST(Lifecycle, AnEmptyBucketHasHolesOnly) {
    EXPECT_THAT(holes({}), ElementsAre(HasSubstr("temp-audio/. Add one that expires it after 2 days"),
                                       HasSubstr("processed-audio/. Add one that expires it after 8 days"),
                                       HasSubstr("aborts them after 1 day.")));
}

TEST(Lifecycle, WhateverDeletesOriginalsOrResultsIsNamed) {
    for (const char* prefix : {"", "p", "pitches/", "pitches/7/", "uploads/", "upl"})
        EXPECT_THAT(beside_the_net(expiring(prefix, 3650)), ElementsAre(HasSubstr("originals and results")))
            << prefix;
    LifecycleRule dated = expiring("pitches/", 1);
    dated.expire_days.reset();
    dated.expires_on_date = true;
    EXPECT_THAT(beside_the_net(dated), ElementsAre(HasSubstr("on a date")));
    LifecycleRule tagged = expiring("uploads/", 3650);
    tagged.is_partial = true;
    EXPECT_THAT(beside_the_net(tagged), ElementsAre(HasSubstr("tags or sizes")));
}

TEST(Lifecycle, WhateverDeletesBeforeThePromiseIsNamed) {
    EXPECT_THAT(beside_the_net(expiring("processed-audio/", 6)), ElementsAre(HasSubstr("after 8 days")));
    EXPECT_THAT(beside_the_net(expiring("processed-audio/", 7)), ElementsAre());
    LifecyclePromises week = usual;
    week.speech_link_expiry = 168h;
    EXPECT_THAT(beside_the_net(expiring("temp-audio/2026-", 6), week), ElementsAre(HasSubstr("8 days")));
    EXPECT_THAT(beside_the_net(expiring("t", 6), week), ElementsAre(HasSubstr("temp-audio/")));
    EXPECT_THAT(beside_the_net(expiring("t", 7), week), ElementsAre());
    LifecycleRule dated = expiring("temp-audio/", 30);
    dated.expires_on_date = true;
    EXPECT_THAT(beside_the_net(dated), ElementsAre(HasSubstr("on a date")));
    LifecyclePromises slow = usual;
    slow.uploads_after = 72h;
    LifecycleRule aborting;
    aborting.id = "mine";
    aborting.abort_days = 2;
    EXPECT_THAT(beside_the_net(aborting, slow), ElementsAre(HasSubstr("3 days")));
}

TEST(Lifecycle, WhatDoesNothingOrElsewhereIsNoDanger) {
    LifecycleRule off = expiring("", 1);
    off.enabled = false;
    EXPECT_THAT(beside_the_net(off), ElementsAre());
    EXPECT_THAT(beside_the_net(expiring("backups/", 1)), ElementsAre());
    EXPECT_THAT(beside_the_net(expiring("pitches-old/", 1)), ElementsAre());
}

TEST(Lifecycle, OnlyAWholeEnabledRuleIsANet) {
    const auto with = [](auto change) {
        std::vector<LifecycleRule> rules = safety_net(usual);
        change(rules[0]);
        return holes(rules);
    };
    const auto hole = ElementsAre(HasSubstr("temp-audio/"));
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.enabled = false; }), hole);
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.is_partial = true; }), hole);
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.prefix = "temp-audio/2026-"; }), hole);
    EXPECT_THAT(with([](LifecycleRule& rule) {
                    rule.expire_days.reset();
                    rule.expires_on_date = true;
                }),
                hole);
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.prefix = "temp"; }), ElementsAre()) << "a wider one";
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.expire_days = 30; }), ElementsAre()) << "a later one";
    EXPECT_THAT(with([](LifecycleRule& rule) { rule.expire_days = 1; }), ElementsAre())
        << "exactly what is promised";
}

TEST(Lifecycle, UploadsMayBeEndedFolderByFolder) {
    std::vector<LifecycleRule> rules = safety_net(usual);
    rules.pop_back();
    for (const char* prefix : {"temp-audio/", "processed-audio/", "pitches/"}) {
        LifecycleRule rule;
        rule.prefix = prefix;
        rule.abort_days = 7;
        rules.push_back(rule);
    }
    EXPECT_THAT(holes(rules), ElementsAre(HasSubstr("uploads to uploads/.")));
}

TEST(Lifecycle, IsWrittenAsTheServiceTakesIt) {
    LifecyclePromises promises = usual;
    promises.temporary_prefixes = {"temp-audio/", "a&b/"};
    const std::string xml = lifecycle_xml(safety_net(promises));
    EXPECT_THAT(xml, HasSubstr("<ID>fadeout a&amp;b/</ID>"));
    EXPECT_THAT(xml, HasSubstr("<Filter><Prefix>temp-audio/</Prefix></Filter>\n    <Status>Enabled</Status>\n"
                               "    <Expiration><Days>2</Days></Expiration>"));
    EXPECT_THAT(
        json_text(lifecycle_json(safety_net(usual))),
        HasSubstr(R"({"ID":"fadeout temp-audio/","Filter":{"Prefix":"temp-audio/"},"Status":"Enabled",)"
                  R"("Expiration":{"Days":2}})"));
}

}  // namespace
}  // namespace fadeout::service
