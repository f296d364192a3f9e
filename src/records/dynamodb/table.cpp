#include "records/dynamodb/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

namespace fadeout::records::dynamodb {

namespace json = boost::json;

namespace {

/// AWS takes about ten seconds to make a table.
constexpr Duration first_poll{50}, longest_poll{2'000};
constexpr int max_polls = 90;  // nearly three minutes
constexpr std::string_view expiry_attribute = "ttl";

const json::value key_schema{json::object{{"AttributeName", "date"}, {"KeyType", "HASH"}},
                             json::object{{"AttributeName", "audio_id"}, {"KeyType", "RANGE"}}};
const json::value key_types{json::object{{"AttributeName", "date"}, {"AttributeType", "S"}},
                            json::object{{"AttributeName", "audio_id"}, {"AttributeType", "S"}}};

/// The member of an object by its path, or null.
json::value at(const json::object& object, std::string_view path) {
    boost::system::error_code missing;
    const json::value root = object;
    const json::value* found = root.find_pointer(path, missing);
    return found == nullptr ? json::value() : *found;
}

bool has_the_keys(const json::object& description) {
    json::value types = at(description, "/Table/AttributeDefinitions");
    if (!types.is_array()) return false;
    // Indexes may define more attributes; the order means nothing.
    const auto defines = [&](const json::value& wanted) {
        for (const json::value& type : types.get_array())
            if (type == wanted) return true;
        return false;
    };
    return at(description, "/Table/KeySchema") == key_schema && defines(key_types.at(0)) &&
           defines(key_types.at(1));
}

void check_keys(const json::object& description) {
    if (!has_the_keys(description))
        throw Error(
            ErrorKind::conflict,
            "The table of the records has other keys. Use a table with the partition key 'date' and the sort "
            "key 'audio_id', both strings, or a new name with 'fadeout tables create'.");
}

/// Creates the table unless it is there; true if it was this call that did.
bool ensure_table(Client& client) {
    if (client.ask("DescribeTable", client.on_table()).error.empty()) return false;
    json::object request = client.on_table();
    request["KeySchema"] = key_schema;
    request["AttributeDefinitions"] = key_types;
    request["BillingMode"] = "PAY_PER_REQUEST";
    const Answer answer = client.ask("CreateTable", request);
    if (answer.error == "ResourceInUseException") return false;  // another was faster
    if (!answer.error.empty()) throw client.failure(answer);
    return true;
}

json::object wait_until_active(Client& client) {
    Duration interval = first_poll;
    for (int poll = 0; poll < max_polls; ++poll) {
        Answer answer = client.ask("DescribeTable", client.on_table());
        // The description may lag behind the creation.
        if (!answer.error.empty() && answer.error != "ResourceNotFoundException")
            throw client.failure(answer);
        if (at(answer.body, "/Table/TableStatus") == "ACTIVE") return std::move(answer.body);
        client.wait(interval);
        interval = std::min(2 * interval, longest_poll);
    }
    throw Error(ErrorKind::timeout,
                "The table of the records is still being made. Try again in some minutes.");
}

/// The attribute by which the table expires items, empty: none; nothing where the endpoint cannot tell.
std::optional<std::string> expires_by(Client& client) {
    const Answer answer = client.ask("DescribeTimeToLive", client.on_table());
    if (answer.error == "UnknownOperationException") return std::nullopt;
    if (!answer.error.empty()) throw client.failure(answer);
    const json::value status = at(answer.body, "/TimeToLiveDescription/TimeToLiveStatus");
    const json::value attribute = at(answer.body, "/TimeToLiveDescription/AttributeName");
    if ((status != "ENABLED" && status != "ENABLING") || !attribute.is_string()) return "";
    return std::string(attribute.get_string());
}

/// UpdateTimeToLive, which is no idempotent call: it refuses a table that expires already.
std::string ensure_expiry(Client& client) {
    constexpr const char* unsupported =
        "This endpoint does not delete expired rows (no UpdateTimeToLive): the sweep deletes them itself.";
    const auto attribute = expires_by(client);
    if (!attribute) return unsupported;
    if (*attribute == expiry_attribute) return "The table deletes rows after their ttl already.";
    if (!attribute->empty())
        throw Error(
            ErrorKind::conflict,
            fmt::format("The table of the records expires by the attribute '{}'. Turn that off (aws dynamodb "
                        "update-time-to-live), wait an hour and try again.",
                        *attribute));
    json::object request = client.on_table();
    request["TimeToLiveSpecification"] = json::object{{"AttributeName", expiry_attribute}, {"Enabled", true}};
    const Answer answer = client.ask("UpdateTimeToLive", request);
    if (answer.error == "UnknownOperationException") return unsupported;
    if (answer.error == "ValidationException" && expires_by(client) == expiry_attribute)
        return "The table deletes rows after their ttl already.";  // another was faster
    if (!answer.error.empty()) throw client.failure(answer);
    return "The table now deletes rows after their ttl.";
}

}  // namespace

std::vector<std::string> create_table(Client& client) {
    const bool created = ensure_table(client);
    check_keys(wait_until_active(client));
    return {fmt::format("{} the table {}.", created ? "Created" : "Found", client.table()),
            ensure_expiry(client)};
}

void check_table(Client& client) {
    const json::object description = client.call("DescribeTable", client.on_table());
    check_keys(description);
    const json::value status = at(description, "/Table/TableStatus");
    if (status != "ACTIVE" && status != "UPDATING")
        throw Error(ErrorKind::unavailable,
                    "The table of the records cannot be used yet. Try again in a minute.");
}

}  // namespace fadeout::records::dynamodb
