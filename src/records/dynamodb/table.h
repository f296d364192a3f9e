#pragma once
#include <string>
#include <vector>

#include "records/dynamodb/client.h"

namespace fadeout::records::dynamodb {

/// Makes the table (billed by request) where it is missing, waits until it can be used, and has DynamoDB
/// delete items after their `ttl` where the endpoint can. Returns what it found and did, a sentence each. May
/// be run at any time and by several at once. Error(conflict) where the table has other keys or expires by
/// another attribute; what Client throws.
std::vector<std::string> create_table(Client& client);

/// Error(conflict) where the table does not have the two keys, unavailable where it cannot be used yet; what
/// Client throws.
void check_table(Client& client);

}  // namespace fadeout::records::dynamodb
