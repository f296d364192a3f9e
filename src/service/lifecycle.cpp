#include "service/lifecycle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/text.h"
#include "cleanup/temporary.h"

namespace fadeout::service {

namespace {

using storage::LifecycleRule;
using Days = std::chrono::duration<int, std::chrono::days::period>;

/// What `fadeout cleanup` takes for old where it is told nothing else.
constexpr Duration usual_cleanup_age = std::chrono::days(7);
constexpr int most_upload_days = 7;

int whole_days(Duration promise) {
    return std::max(1, std::chrono::ceil<Days>(promise).count());
}

/// Days that everything under a temporary prefix is kept at least.
int promised_days(const LifecyclePromises& promises, std::string_view prefix) {
    const bool speech =
        prefix.starts_with(cleanup::speech_prefix) || cleanup::speech_prefix.starts_with(prefix);
    return whole_days(speech ? std::max(promises.speech_link_expiry, promises.orphans_after)
                             : std::max(promises.cleanup_delay, usual_cleanup_age));
}

int upload_days(const LifecyclePromises& promises) {
    return std::min(whole_days(promises.uploads_after), most_upload_days);
}

bool covers(const LifecycleRule& rule, std::string_view prefix) {
    return rule.enabled && !rule.is_partial && prefix.starts_with(rule.prefix);
}

bool touches(const LifecycleRule& rule, std::string_view prefix) {
    return prefix.starts_with(rule.prefix) || rule.prefix.starts_with(prefix);
}

std::string name(const LifecycleRule& rule) {
    return rule.id.empty() ? fmt::format("Rule for '{}'", rule.prefix) : fmt::format("Rule '{}'", rule.id);
}

std::string in_days(int count) {
    return fmt::format("{} day{}", count, count == 1 ? "" : "s");
}

std::string when(const LifecycleRule& rule) {
    return rule.expires_on_date ? "on a date" : "after " + in_days(rule.expire_days.value_or(0));
}

std::string which(const LifecycleRule& rule, std::string_view prefix) {
    const std::string_view narrower =
        rule.prefix.size() > prefix.size() ? std::string_view(rule.prefix) : prefix;
    return fmt::format("{}{}", narrower, rule.is_partial ? " (those with its tags or sizes)" : "");
}

/// What an enabled rule would delete that must stay; nothing where it is harmless. One sentence, the worst.
std::optional<std::string> danger_of(const LifecyclePromises& promises, const LifecycleRule& rule) {
    for (const std::string_view kept : cleanup::final_prefixes)
        if (rule.expires() && touches(rule, kept))
            return fmt::format(
                "{} deletes {} {}: originals and results would be lost. Disable it, or give it "
                "a temporary prefix.",
                name(rule), which(rule, kept), when(rule));
    for (const std::string& prefix : promises.temporary_prefixes) {
        const int promised = promised_days(promises, prefix);
        const bool early = rule.expires_on_date || rule.expire_days.value_or(promised) < promised;
        if (touches(rule, prefix) && early)
            return fmt::format("{} deletes {} {}, before it was promised to go. Let it expire after {}.",
                               name(rule), which(rule, prefix), when(rule), in_days(promised + 1));
    }
    const int uploads = upload_days(promises);
    if (rule.abort_days && *rule.abort_days < uploads)
        return fmt::format("{} ends uploads after {}, before sweep.uploads_after. Let it wait for {}.",
                           name(rule), in_days(*rule.abort_days), in_days(uploads));
    return std::nullopt;
}

std::string escape_xml(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return out;
}

}  // namespace

std::vector<LifecycleRule> safety_net(const LifecyclePromises& promises) {
    std::vector<LifecycleRule> rules;
    for (const std::string& prefix : promises.temporary_prefixes)
        rules.push_back({.id = "fadeout " + prefix,
                         .prefix = prefix,
                         .expire_days = promised_days(promises, prefix) + 1,
                         .abort_days = {}});
    rules.push_back({.id = "fadeout unfinished uploads",
                     .prefix = "",
                     .expire_days = {},
                     .abort_days = upload_days(promises)});
    return rules;
}

std::string lifecycle_xml(const std::vector<LifecycleRule>& rules) {
    std::string out = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n";
    for (const LifecycleRule& rule : rules) {
        out += fmt::format(
            "  <Rule>\n    <ID>{}</ID>\n    <Filter><Prefix>{}</Prefix></Filter>\n    "
            "<Status>Enabled</Status>\n",
            escape_xml(rule.id), escape_xml(rule.prefix));
        if (rule.expire_days)
            out += fmt::format("    <Expiration><Days>{}</Days></Expiration>\n", *rule.expire_days);
        if (rule.abort_days)
            out += fmt::format(
                "    <AbortIncompleteMultipartUpload><DaysAfterInitiation>{}</DaysAfterInitiation>"
                "</AbortIncompleteMultipartUpload>\n",
                *rule.abort_days);
        out += "  </Rule>\n";
    }
    return out + "</LifecycleConfiguration>\n";
}

boost::json::object lifecycle_json(const std::vector<LifecycleRule>& rules) {
    boost::json::array list;
    for (const LifecycleRule& rule : rules) {
        boost::json::object entry{
            {"ID", rule.id}, {"Filter", boost::json::object{{"Prefix", rule.prefix}}}, {"Status", "Enabled"}};
        if (rule.expire_days) entry["Expiration"] = boost::json::object{{"Days", *rule.expire_days}};
        if (rule.abort_days)
            entry["AbortIncompleteMultipartUpload"] =
                boost::json::object{{"DaysAfterInitiation", *rule.abort_days}};
        list.push_back(std::move(entry));
    }
    return {{"Rules", std::move(list)}};
}

std::vector<LifecycleDifference> compare_lifecycle(const LifecyclePromises& promises,
                                                   const std::vector<LifecycleRule>& rules) {
    std::vector<LifecycleDifference> found;
    for (const LifecycleRule& rule : rules)
        if (auto danger = rule.enabled ? danger_of(promises, rule) : std::nullopt)
            found.push_back({true, rule.id, std::move(*danger)});
    for (const std::string& prefix : promises.temporary_prefixes) {
        const auto expires = [&](const LifecycleRule& rule) {
            return rule.expire_days && covers(rule, prefix);
        };
        if (std::ranges::none_of(rules, expires))
            found.push_back({false, "",
                             fmt::format("No rule deletes {}. Add one that expires it after {}.", prefix,
                                         in_days(promised_days(promises, prefix) + 1))});
    }
    std::vector<std::string> written = promises.temporary_prefixes;
    written.insert(written.end(), cleanup::final_prefixes.begin(), cleanup::final_prefixes.end());
    std::erase_if(written, [&](const std::string& prefix) {
        return std::ranges::any_of(
            rules, [&](const LifecycleRule& rule) { return rule.abort_days && covers(rule, prefix); });
    });
    if (!written.empty())
        found.push_back(
            {false, "",
             fmt::format("No rule ends unfinished uploads to {}. Add one for the whole bucket that "
                         "aborts them after {}.",
                         fmt::join(written, ", "), in_days(upload_days(promises)))});
    return found;
}

}  // namespace fadeout::service
