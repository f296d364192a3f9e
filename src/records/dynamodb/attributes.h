#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "records/record_store.h"

namespace fadeout::records::dynamodb {

// A record as an item of the table: `date` (partition key) and `audio_id` (sort key), `s3_url`, `text` and
// `voice_id` as S, `duration` and `ttl` as N. Format: Amazon DynamoDB API Reference, "AttributeValue".

/// Source: Amazon DynamoDB Developer Guide, "Service, account, and table quotas".
constexpr std::size_t max_item_bytes = 400 * 1024;
constexpr std::size_t max_partition_key_bytes = 2'048;
constexpr std::size_t max_sort_key_bytes = 1'024;

/// {"S": text}
boost::json::object text_value(std::string_view text);
/// {"N": number}
boost::json::object number_value(long long number);

/// The primary key.
boost::json::object key_of(const RecordId& id);
/// Whether a table can hold an item of that key: no empty part, none too long.
bool is_possible(const RecordId& id) noexcept;

/// All seven attributes, no others. A text that would make the item larger than max_item_bytes is cut after
/// its last character that fits.
boost::json::object item_of(const SpeechRecord& record);

/// Reads an item that anybody wrote. What is missing or of another type is empty or 0, except `ttl`: without
/// one a record never expires, as in DynamoDB itself. A fraction of a second counts as a whole one.
SpeechRecord record_of(const boost::json::object& item);

}  // namespace fadeout::records::dynamodb
