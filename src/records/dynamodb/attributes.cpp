#include "records/dynamodb/attributes.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"

namespace fadeout::records::dynamodb {

namespace json = boost::json;

namespace {

/// 9999-12-31T23:59:59Z.
constexpr long long never = 253'402'300'799;
/// What a number takes in an item at most: 38 digits in pairs, and the exponent.
constexpr std::size_t max_number_bytes = 21;
constexpr std::size_t names_bytes = std::string_view("dateaudio_ids3_urltextvoice_iddurationttl").size();

/// The shortest decimal digits that read back as the same number.
std::string digits_of(double number) {
    if (!std::isfinite(number))
        throw Error(ErrorKind::internal, "A record has a duration that is not a number.");
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::string_view text_that_fits(const SpeechRecord& record) {
    const std::size_t others = names_bytes + 2 * max_number_bytes + record.date.size() +
                               record.audio_id.size() + record.s3_url.size() + record.voice_id.size();
    const std::size_t available = max_item_bytes - std::min(others, max_item_bytes);
    if (record.text.size() <= available) return record.text;
    std::size_t end = available;
    const auto continues = [&](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
    while (end > 0 && continues(record.text[end])) --end;
    return std::string_view(record.text).substr(0, end);
}

/// The text of attribute `name` if it has that type.
const json::string* find(const json::object& item, std::string_view name, std::string_view type) {
    const json::value* attribute = item.if_contains(name);
    if (attribute == nullptr || !attribute->is_object()) return nullptr;
    const json::value* value = attribute->get_object().if_contains(type);
    return value == nullptr ? nullptr : value->if_string();
}

std::string text_of(const json::object& item, std::string_view name) {
    const json::string* text = find(item, name, "S");
    return text == nullptr ? std::string() : std::string(*text);
}

std::optional<double> number_of(const json::object& item, std::string_view name) {
    const json::string* text = find(item, name, "N");
    double number = 0;
    if (text == nullptr || std::from_chars(text->begin(), text->end(), number).ec != std::errc())
        return std::nullopt;
    return number;
}

long long ttl_of(const json::object& item) {
    // Every second until the year 9999, and far beyond, is a double of its own.
    const auto seconds = number_of(item, "ttl");
    if (!seconds || *seconds >= static_cast<double>(never)) return never;
    return *seconds <= 0 ? 0 : static_cast<long long>(std::ceil(*seconds));
}

}  // namespace

json::object text_value(std::string_view text) {
    return {{"S", text}};
}

json::object number_value(long long number) {
    return {{"N", std::to_string(number)}};
}

json::object key_of(const RecordId& id) {
    return {{"date", text_value(id.date)}, {"audio_id", text_value(id.audio_id)}};
}

bool is_possible(const RecordId& id) noexcept {
    return !id.date.empty() && id.date.size() <= max_partition_key_bytes && !id.audio_id.empty() &&
           id.audio_id.size() <= max_sort_key_bytes;
}

json::object item_of(const SpeechRecord& record) {
    json::object item = key_of({record.date, record.audio_id});
    item["s3_url"] = text_value(record.s3_url);
    item["text"] = text_value(text_that_fits(record));
    item["voice_id"] = text_value(record.voice_id);
    item["duration"] = json::object{{"N", digits_of(record.duration_s)}};
    item["ttl"] = number_value(record.ttl);
    return item;
}

SpeechRecord record_of(const json::object& item) {
    return {.date = text_of(item, "date"),
            .audio_id = text_of(item, "audio_id"),
            .s3_url = text_of(item, "s3_url"),
            .text = text_of(item, "text"),
            .voice_id = text_of(item, "voice_id"),
            .duration_s = number_of(item, "duration").value_or(0),
            .ttl = ttl_of(item)};
}

}  // namespace fadeout::records::dynamodb
