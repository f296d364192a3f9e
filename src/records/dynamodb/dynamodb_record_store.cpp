#include "records/dynamodb/dynamodb_record_store.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "records/dynamodb/attributes.h"
#include "records/dynamodb/table.h"

namespace fadeout::records {

namespace json = boost::json;
using namespace dynamodb;

namespace {

/// Source: Amazon DynamoDB API Reference, "BatchWriteItem".
constexpr std::size_t max_batch_items = 25;

/// Sorts behind every audio_id: the largest sort key that a table can hold.
const std::string& last_sort_key() {
    static const std::string key = [] {
        std::string text;
        while (text.size() < max_sort_key_bytes) text += "\xF4\x8F\xBF\xBF";  // U+10FFFF
        return text;
    }();
    return key;
}

/// The items of an answer to Query or Scan.
json::array items_of(json::object& body) {
    json::value* items = body.if_contains("Items");
    return items != nullptr && items->is_array() ? std::move(items->get_array()) : json::array();
}

/// Where the next page of a Query or Scan starts; nothing at the end.
std::optional<json::object> start_of_next(json::object& body) {
    json::value* last = body.if_contains("LastEvaluatedKey");
    if (last == nullptr || !last->is_object()) return std::nullopt;
    return std::move(last->get_object());
}

/// Whether a write was done that depends on a condition.
bool holds(Client& client, std::string_view operation, const json::object& request) {
    const Answer answer = client.ask(operation, request);
    if (answer.error == "ConditionalCheckFailedException") return false;
    if (!answer.error.empty()) throw client.failure(answer);
    return true;
}

}  // namespace

bool DynamoDbRecordStore::is_expired(const SpeechRecord& record) const {
    return record.ttl <= unix_seconds(clock_.now());
}

void DynamoDbRecordStore::put(const SpeechRecord& record) {
    json::object request = client_.on_table();
    request["Item"] = item_of(record);
    client_.call("PutItem", request);
}

std::optional<SpeechRecord> DynamoDbRecordStore::get(const std::string& date, const std::string& audio_id) {
    const RecordId id{date, audio_id};
    if (!is_possible(id)) return std::nullopt;
    json::object request = client_.on_table();
    request["Key"] = key_of(id);
    request["ConsistentRead"] = true;
    const json::object body = client_.call("GetItem", request);
    const json::value* item = body.if_contains("Item");
    if (item == nullptr || !item->is_object()) return std::nullopt;
    SpeechRecord record = record_of(item->get_object());
    if (is_expired(record)) return std::nullopt;
    return record;
}

RecordPage DynamoDbRecordStore::list(const std::string& date, std::string_view cursor, std::size_t limit,
                                     Visibility visibility) {
    RecordPage page;
    if (!is_possible({date, "any"})) return page;
    limit = std::clamp<std::size_t>(limit, 1, max_page_records);
    json::object query = client_.on_table();
    query["ConsistentRead"] = true;
    query["Limit"] = limit + 1;  // one more tells whether there is a next page
    query["KeyConditionExpression"] =
        cursor.empty() ? "#date = :date" : "#date = :date AND audio_id > :cursor";
    query["ExpressionAttributeNames"] = {{"#date", "date"}};
    json::object values{{":date", text_value(date)}};
    if (!cursor.empty()) values[":cursor"] = text_value(cursor);
    query["ExpressionAttributeValues"] = std::move(values);
    for (;;) {
        json::object body = client_.call("Query", query);
        for (const json::value& item : items_of(body)) {
            SpeechRecord record = record_of(item.as_object());
            if (visibility == Visibility::live && is_expired(record)) continue;
            if (page.records.size() == limit) {
                page.next = page.records.back().audio_id;
                return page;
            }
            page.records.push_back(std::move(record));
        }
        auto next = start_of_next(body);
        if (!next) return page;
        query["ExclusiveStartKey"] = std::move(*next);
    }
}

std::vector<std::string> DynamoDbRecordStore::dates() {
    // A scan returns the items of one partition key together, ordered by sort key: started behind the last
    // possible item of a date, its first item is of another one. Source: AWS Database Blog, "Generate a
    // distinct set of partition keys for an Amazon DynamoDB table efficiently".
    json::object scan = client_.on_table();
    scan["ConsistentRead"] = true;
    scan["Limit"] = 1;
    scan["ProjectionExpression"] = "#date";
    scan["ExpressionAttributeNames"] = {{"#date", "date"}};
    std::set<std::string> dates;
    for (;;) {
        json::object body = client_.call("Scan", scan);
        auto start = start_of_next(body);
        for (const json::value& item : items_of(body)) {
            const std::string date = record_of(item.as_object()).date;
            if (dates.insert(date).second) start = key_of({date, last_sort_key()});
        }
        if (!start) return {dates.begin(), dates.end()};
        scan["ExclusiveStartKey"] = std::move(*start);
    }
}

void DynamoDbRecordStore::remove(const std::vector<RecordId>& ids) {
    std::set<std::pair<std::string, std::string>> named;  // a batch must not name an item twice
    json::array batch;
    for (const RecordId& id : ids) {
        if (!is_possible(id) || !named.emplace(id.date, id.audio_id).second) continue;
        batch.push_back(json::object{{"DeleteRequest", json::object{{"Key", key_of(id)}}}});
        if (batch.size() == max_batch_items) remove_batch(std::exchange(batch, {}));
    }
    if (!batch.empty()) remove_batch(std::move(batch));
}

void DynamoDbRecordStore::remove_batch(json::array requests) {
    aws::Retries retries = client_.retries();
    for (;;) {
        json::object body = client_.call(
            "BatchWriteItem", {{"RequestItems", json::object{{client_.table(), std::move(requests)}}}});
        json::value* unprocessed = body.if_contains("UnprocessedItems");
        json::value* rest = unprocessed == nullptr || !unprocessed->is_object()
                                ? nullptr
                                : unprocessed->get_object().if_contains(client_.table());
        if (rest == nullptr || !rest->is_array() || rest->get_array().empty()) return retries.succeeded();
        requests = std::move(rest->get_array());
        const auto delay = retries.next(aws::Retry::throttled);
        if (!delay)
            throw Error(ErrorKind::unavailable,
                        "The record store has too many requests for now. Try again later.",
                        "BatchWriteItem left items unprocessed");
        client_.wait(*delay);
    }
}

std::size_t DynamoDbRecordStore::remove_expired(std::size_t limit) {
    const json::object now = number_value(unix_seconds(clock_.now()));
    json::object scan = client_.on_table();
    scan["ProjectionExpression"] = "#date, audio_id";
    scan["FilterExpression"] = "#ttl <= :now";
    scan["ExpressionAttributeNames"] = {{"#date", "date"}, {"#ttl", "ttl"}};
    scan["ExpressionAttributeValues"] = {{":now", now}};
    std::size_t removed = 0;
    while (removed < limit) {
        json::object body = client_.call("Scan", scan);
        for (const json::value& key : items_of(body)) {
            if (removed == limit) break;
            if (remove_if_expired(key.as_object(), now)) ++removed;
        }
        auto next = start_of_next(body);
        if (!next) break;
        scan["ExclusiveStartKey"] = std::move(*next);
    }
    return removed;
}

bool DynamoDbRecordStore::remove_if_expired(const json::object& key, const json::object& now) {
    // Between the scan and this it may have been put again with a later ttl.
    json::object request = client_.on_table();
    request["Key"] = key;
    request["ConditionExpression"] = "#ttl <= :now";
    request["ExpressionAttributeNames"] = {{"#ttl", "ttl"}};
    request["ExpressionAttributeValues"] = {{":now", now}};
    return holds(client_, "DeleteItem", request);
}

void DynamoDbRecordStore::check() {
    DynamoDbRecordStore(*this, check_limit).try_everything();
}

void DynamoDbRecordStore::try_everything() {
    check_table(client_);
    const SpeechRecord nobody{
        .date = "fadeout-check", .audio_id = "fadeout-check", .s3_url = {}, .text = {}, .voice_id = {}};
    json::object put = client_.on_table();
    put["Item"] = item_of(nobody);
    put["ConditionExpression"] =
        "attribute_exists(#date)";  // of an item that is not there: nothing is written
    put["ExpressionAttributeNames"] = {{"#date", "date"}};
    holds(client_, "PutItem", put);
    get(nobody.date, nobody.audio_id);
    list(nobody.date, "", 1, Visibility::all);
    dates();
    remove({{nobody.date, nobody.audio_id}});
    remove_if_expired(key_of({nobody.date, nobody.audio_id}), number_value(0));
}

std::vector<std::string> DynamoDbRecordStore::create_tables() {
    return create_table(client_);
}

}  // namespace fadeout::records
