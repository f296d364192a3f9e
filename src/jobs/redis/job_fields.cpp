#include "jobs/redis/job_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace fadeout::jobs::redis {

namespace {

[[noreturn]] void damaged(const std::string& what) {
    throw Error(ErrorKind::internal, "A job in Redis is damaged. The log tells what.", what);
}

std::int64_t parse_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || rest != text.data() + text.size())
        damaged("not a number: " + std::string(text.substr(0, 40)));
    return value;
}

/// How a field is written and read.
struct Field {
    std::string_view name;
    std::string (*write)(const StoredJob&);
    void (*read)(StoredJob&, std::string_view);
};

template <auto Member>
constexpr Field text_field(std::string_view name) {
    return {name, [](const StoredJob& s) { return s.job.*Member; },
            [](StoredJob& s, std::string_view value) { s.job.*Member = value; }};
}
template <auto Member>
constexpr Field stored_text_field(std::string_view name) {
    return {name, [](const StoredJob& s) { return s.*Member; },
            [](StoredJob& s, std::string_view value) { s.*Member = value; }};
}
template <auto Member>
constexpr Field number_field(std::string_view name) {
    return {
        name, [](const StoredJob& s) { return std::to_string(s.job.*Member); },
        [](StoredJob& s, std::string_view value) { s.job.*Member = static_cast<int>(parse_number(value)); }};
}
template <auto Member>
constexpr Field time_field(std::string_view name) {
    return {
        name, [](const StoredJob& s) { return std::to_string((s.job.*Member).time_since_epoch().count()); },
        [](StoredJob& s, std::string_view value) { s.job.*Member = Time(Duration(parse_number(value))); }};
}

constexpr std::array lasting = {
    text_field<&Job::id>("id"),
    text_field<&Job::type>("type"),
    text_field<&Job::payload>("payload"),
    time_field<&Job::created_at>("created_at"),
    stored_text_field<&StoredJob::idempotency_key>("idempotency_key"),
};

constexpr std::array changing = {
    Field{"state", [](const StoredJob& s) { return std::string(name(s.job.state)); },
          [](StoredJob& s, std::string_view value) {
              const std::optional<State> state = parse_state(value);
              if (!state) damaged("not a state: " + std::string(value.substr(0, 40)));
              s.job.state = *state;
          }},
    number_field<&Job::progress>("progress"),
    number_field<&Job::attempts>("attempts"),
    number_field<&Job::process_deaths>("process_deaths"),
    number_field<&Job::failures>("failures"),
    time_field<&Job::updated_at>("updated_at"),
    time_field<&Job::run_at>("run_at"),
    text_field<&Job::result>("result"),
    text_field<&Job::error>("error"),
    text_field<&Job::follow_up>("follow_up"),
    stored_text_field<&StoredJob::token>("token"),
    Field{"lease_until",
          [](const StoredJob& s) { return std::to_string(s.lease_until.time_since_epoch().count()); },
          [](StoredJob& s, std::string_view value) { s.lease_until = Time(Duration(parse_number(value))); }},
};

constexpr std::string_view stamp_name = "stamp";

void append(std::vector<std::string>& out, std::span<const Field> fields, const StoredJob& stored) {
    for (const Field& field : fields) {
        out.emplace_back(field.name);
        out.push_back(field.write(stored));
    }
}

void read(Versioned& job, std::string_view field_name, std::string_view value) {
    if (field_name == stamp_name) job.stamp = value;
    const auto read_one_of = [&](std::span<const Field> fields) {
        const auto field = std::ranges::find(fields, field_name, &Field::name);
        if (field != fields.end()) field->read(job.stored, value);
    };
    read_one_of(lasting);
    read_one_of(changing);
}

}  // namespace

std::vector<std::string> all_fields(const StoredJob& stored) {
    std::vector<std::string> fields;
    append(fields, lasting, stored);
    append(fields, changing, stored);
    return fields;
}

std::vector<std::string> changing_fields(const StoredJob& stored) {
    std::vector<std::string> fields;
    append(fields, changing, stored);
    return fields;
}

std::span<const std::string_view> deciding_names() {
    static constexpr auto names = [] {
        std::array<std::string_view, changing.size() + 1> all{stamp_name};
        std::ranges::transform(changing, all.begin() + 1, &Field::name);
        return all;
    }();
    return names;
}

Versioned from_values(std::span<const std::string_view> names, std::span<redisReply* const> values) {
    Versioned job;
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i)
        if (!is_nil(*values[i])) read(job, names[i], text(*values[i]));
    return job;
}

Versioned from_pairs(std::span<redisReply* const> names_and_values) {
    Versioned job;
    for (std::size_t i = 0; i + 1 < names_and_values.size(); i += 2)
        read(job, text(*names_and_values[i]), text(*names_and_values[i + 1]));
    return job;
}

Tenure to_tenure(std::span<redisReply* const> values) {
    if (is_nil(*values[1])) return {};
    return {.holder = std::string(text(*values[0])),
            .term = parse_number(text(*values[1])),
            .until = Time(Duration(parse_number(text(*values[2]))))};
}

}  // namespace fadeout::jobs::redis
