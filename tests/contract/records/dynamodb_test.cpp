#include <gmock/gmock.h>

#include <atomic>

#include "dynalite.h"
#include "record_store_contract.h"
#include "records/dynamodb/dynamodb_record_store.h"

namespace fadeout::records {
namespace {

using dynamodb::TableAddress;

/// One for the whole program.
const std::string& endpoint() {
    static const Dynalite server;
    return server.endpoint();
}

/// A table that no other test uses.
TableAddress new_address() {
    static std::atomic<int> number = 0;
    return {"tts_temp_audio_" + std::to_string(++number), "us-east-1", endpoint()};
}

std::unique_ptr<DynamoDbRecordStore> open(const TableAddress& address, const Clock& clock) {
    return std::make_unique<DynamoDbRecordStore>(
        address, std::make_shared<aws::StaticCredentials>(aws::Credentials{"AKIDEXAMPLE", "secret", ""}),
        clock);
}

std::unique_ptr<RecordStore> make(const TestFolder&, const Clock& clock) {
    auto store = open(new_address(), clock);
    store->create_tables();
    return store;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(DynamoDb, RecordStoreContract,
                         testing::Values(Backend{"dynamodb", make, 400'000}));

}  // namespace fadeout::records
