#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/lifecycle.h"
#include "cli/output.h"
#include "config/api_keys.h"
#include "config/webhook_secrets.h"
#include "service/processor_check.h"
#include "service/speech.h"
#include "service/webhook_secrets.h"

namespace fadeout::cli {

namespace {

struct Finding {
    std::string name;
    bool is_well = true;
    std::string text;  ///< what was found, or what is wrong and how to mend it
};

/// Runs checks, one finding each; one that fails does not keep the others from running.
class Checkup {
  public:
    /// `check` returns what it found and throws what is wrong. True where all is well.
    template <class Check>
    bool run(const std::string& name, Check check) {
        try {
            findings.push_back({name, true, check()});
        } catch (const Error& error) {
            findings.push_back({name, false, describe(error)});
        } catch (const std::exception& error) {
            findings.push_back({name, false, error.what()});
        }
        return findings.back().is_well;
    }

    bool is_well() const { return std::ranges::all_of(findings, &Finding::is_well); }

    std::vector<Finding> findings;
};

[[noreturn]] void wrong(const std::string& text) {
    throw Error(ErrorKind::unavailable, text);
}

std::string check_clock(const Clock& clock) {
    // A link's signature carries the time. Before this program was written, the clock is certainly wrong.
    constexpr Time written = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
    const Time now = clock.now();
    if (now < written)
        wrong(fmt::format(
            "the clock says {}; links and clean-up need the right time. Set it, e.g. with timedatectl.",
            utc_timestamp(now)));
    return utc_timestamp(now);
}

std::string check_addresses(const config::Settings& settings) {
    config::check_server(settings);
    const config::ListenAddress listen = config::parse_listen(settings.http.listen);
    if (settings.public_url.empty() && !config::is_loopback(listen))
        wrong(fmt::format(
            "links are made for {}, which other machines may not reach. Set --public-url to the URL "
            "that clients use.",
            config::public_url(settings)));
    return fmt::format("listens on {}, links are made for {}", settings.http.listen,
                       config::public_url(settings));
}

std::string check_keys(const config::Settings& settings) {
    if (settings.http.api_key_file.empty()) return "none is asked for";
    return fmt::format("{} read from the file", config::read_api_keys(settings.http.api_key_file).size());
}

std::string check_webhook_secrets(const config::Settings& settings) {
    if (settings.webhooks.secret_file.empty()) return "none: jobs with a webhook are refused";
    const auto keys = config::read_webhook_secrets(settings.webhooks.secret_file);
    const service::WebhookSecrets secrets(keys);
    if (keys.empty())
        wrong("the file of --webhook-secret-file names no endpoint. Write PREFIX SECRET lines.");
    return fmt::format("{} read from the file", keys.size());
}

std::string check_processor(const config::Settings& settings) {
    if (settings.processor.url.empty()) return "none: everything is rendered in process";
    return service::check_processor(settings.processor.url, SystemClock());
}

/// A net with holes is no fault; a rule that deletes what must stay is one.
std::string check_lifecycle(storage::ObjectStore& store, const config::Settings& settings) {
    std::optional<std::vector<service::LifecycleDifference>> found;
    try {
        found = compare_lifecycle(store, settings);
    } catch (const Error& error) {
        return fmt::format("not known: {}", error.what());
    }
    if (!found) return "this store needs no rules";
    for (const auto& [is_danger, rule, text] : *found)
        if (is_danger) wrong(text);
    if (found->empty()) return "the bucket's rules match the settings";
    return "some rules of the safety net are missing; fadeout lifecycle check tells which";
}

void check_store(Checkup& checkup, const StateParts::Store& part, const config::Settings& settings) {
    std::unique_ptr<storage::ObjectStore> store;
    const bool works = checkup.run(part.prefix + "store", [&] {
        store = part.open();
        store->check();
        return fmt::format("writes, reads and removes objects ({}, bucket {})", store->provider(),
                           store->bucket());
    });
    if (!store) return;
    checkup.run(part.prefix + "links", [&] {
        service::check_links(*store, {.speech = settings.speech.link_expiry,
                                      .transcode = settings.transcode.link_expiry,
                                      .upload = settings.upload.link_expiry});
        return std::string("live as long as they say");
    });
    if (works) checkup.run(part.prefix + "lifecycle", [&] { return check_lifecycle(*store, settings); });
}

void check_state(Checkup& checkup, const StateParts& parts, const config::Settings& settings) {
    checkup.run("state", [&] {
        parts.open_data();
        return settings.data;
    });
    for (const StateParts::Store& store : parts.stores) check_store(checkup, store, settings);
    checkup.run("records", [&] {
        parts.open_records()->check();
        return std::string("can be written and read");
    });
    checkup.run("queue", [&] {
        const auto queue = parts.open_queue();
        queue->check();
        const std::string durability = queue->durability();
        return "can be written and read" + (durability.empty() ? "" : "; " + durability);
    });
}

void check_services(Checkup& checkup, const Invocation& invocation) {
    const config::Settings& settings = invocation.settings();
    std::shared_ptr<service::Services> services;
    checkup.run("clean-up", [&] {
        services = invocation.program.open_media(settings);
        return fmt::format("removes only what is below {}",
                           fmt::join(settings.cleanup.temporary_prefixes, ", "));
    });
    if (!services) return;
    checkup.run("voices", [&] {
        services->synthesizer.check();
        services->synthesizer.sample_rate_hz(settings.speech.default_voice);
        return fmt::format("{} voices, default {}", services->synthesizer.voices().size(),
                           settings.speech.default_voice);
    });
    checkup.run("clock", [&] { return check_clock(services->clock); });
}

int print_findings(const Checkup& checkup, bool json) {
    boost::json::array checks;
    std::string lines;
    std::size_t width = 0;
    for (const Finding& finding : checkup.findings) width = std::max(width, finding.name.size());
    for (const Finding& finding : checkup.findings) {
        checks.push_back(
            boost::json::object{{"name", finding.name}, {"ok", finding.is_well}, {"text", finding.text}});
        lines += fmt::format("{:<6} {:<{}} {}\n", finding.is_well ? "OK" : "WRONG", finding.name, width,
                             finding.text);
    }
    if (json)
        print_json(boost::json::object{{"ok", checkup.is_well()}, {"checks", std::move(checks)}});
    else
        print(lines);
    return checkup.is_well() ? exit_ok : exit_failed;
}

}  // namespace

Command doctor_command() {
    return {.name = "doctor",
            .summary = "Check everything the server needs, and say how to mend what is wrong",
            .details =
                "Example:\n"
                "  fadeout doctor --config fadeout.toml\n"
                "Needs no running server. Exit code 0 only if all is well.",
            .settings = {"*"},
            .has_json = true,
            .run = [](const Invocation& invocation) {
                const config::Settings& settings = invocation.settings();
                Checkup checkup;
                checkup.run("addresses", [&] { return check_addresses(settings); });
                checkup.run("api keys", [&] { return check_keys(settings); });
                checkup.run("webhooks", [&] { return check_webhook_secrets(settings); });
                checkup.run("processor", [&] { return check_processor(settings); });
                check_state(checkup, invocation.program.state_parts(settings), settings);
                check_services(checkup, invocation);
                return print_findings(checkup, invocation.json);
            }};
}

}  // namespace fadeout::cli
