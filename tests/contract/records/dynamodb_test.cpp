#include <gmock/gmock.h>
#include <stdio.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "dynalite.h"
#include "record_store_contract.h"
#include "records/dynamodb/dynamodb_record_store.h"

namespace fadeout::records {
namespace {

using dynamodb::TableAddress;
using testing::HasSubstr;

/// One for the whole program.
const std::string& endpoint() {
    static const Dynalite server;
    return server.endpoint();
}

/// Of a table that no other test uses.
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

INSTANTIATE_TEST_SUITE_P(DynamoDb, RecordStoreContract, testing::Values(Backend{"dynamodb", make, 400'000}));

namespace {

class DynamoDbRecords : public testing::Test {
  protected:
    /// What the script prints about the table.
    std::string boto3_row(const std::string& action) const {
        const std::string command = "/usr/bin/python3 " FADEOUT_SOURCE_DIR
                                    "/tests/contract/records/boto3_row.py " +
                                    address_.endpoint + ' ' + address_.table + ' ' + action;
        FILE* pipe = ::popen(command.c_str(), "r");
        std::string out;
        for (int c; (c = ::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
        EXPECT_EQ(::pclose(pipe), 0) << command;
        return out;
    }

    const ManualClock clock_{from_unix_seconds(1'795'188'600)};
    const TableAddress address_ = new_address();
    const std::unique_ptr<DynamoDbRecordStore> store_ = open(address_, clock_);
};

TEST_F(DynamoDbRecords, Boto3ReadsOurRows) {
    store_->create_tables();
    store_->put({.date = "2026-11-20",
                 .audio_id = "a",
                 .s3_url = "https://bucket.example/a.wav?X-Amz-Signature=1",
                 .text = "caf\xC3\xA9",
                 .voice_id = "en-us",
                 .duration_s = 0.1 + 0.2,
                 .ttl = 1'795'275'000});
    EXPECT_EQ(boto3_row("get"),
              "{\"audio_id\": \"a\", \"date\": \"2026-11-20\", \"duration\": {\"Decimal\": "
              "\"0.30000000000000004\"}, "
              "\"s3_url\": \"https://bucket.example/a.wav?X-Amz-Signature=1\", \"text\": \"caf\\u00e9\", "
              "\"ttl\": {\"Decimal\": \"1795275000\"}, \"voice_id\": \"en-us\"}\n");
}

TEST_F(DynamoDbRecords, WeReadTheRowsOfBoto3) {
    store_->create_tables();
    boto3_row("put");
    EXPECT_EQ(store_->get("2026-11-20", "b"),
              (SpeechRecord{.date = "2026-11-20",
                            .audio_id = "b",
                            .s3_url = "https://bucket.example/b.wav?X-Amz-Signature=2",
                            .text = "Gr\xC3\xBC\xC3\x9F"
                                    "e \xF0\x9F\x8E\xB5",
                            .voice_id = "de",
                            .duration_s = 2.345,
                            .ttl = 1'795'275'000}));
}

TEST_F(DynamoDbRecords, TheServiceTakesATextOfAnyLengthAndKeepsWhatFits) {
    store_->create_tables();
    for (const std::string& piece : {std::string("x"), std::string("\xC3\xA9"), std::string("\0", 1)}) {
        SpeechRecord record{.date = "2026-11-20",
                            .audio_id = "long",
                            .s3_url = "s3://b/k",
                            .text = {},
                            .voice_id = "en",
                            .duration_s = 1.0 / 3,
                            .ttl = 1'795'275'000};
        while (record.text.size() < 4'000'000) record.text += piece;
        store_->put(record);
        const auto kept = store_->get("2026-11-20", "long");
        ASSERT_TRUE(kept);
        EXPECT_GT(kept->text.size(), 400'000u);
        EXPECT_TRUE(record.text.starts_with(kept->text) && is_utf8(kept->text));
    }
}

TEST_F(DynamoDbRecords, WithoutATableEverythingTellsHowToMakeIt) {
    try {
        store_->check();
        ADD_FAILURE() << "check() returned";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("fadeout tables create"));
    }
    EXPECT_THROW(store_->get("2026-11-20", "a"), Error);
}

TEST_F(DynamoDbRecords, CheckLeavesNothingBehind) {
    store_->create_tables();
    store_->check();
    EXPECT_TRUE(store_->dates().empty());
}

TEST_F(DynamoDbRecords, TablesMayBeMadeBySeveralAtOnce) {
    std::atomic<int> ready = 0;
    {
        std::vector<std::jthread> nodes;
        for (int i = 0; i < 6; ++i)
            nodes.emplace_back([&] {
                const auto node = open(address_, clock_);
                EXPECT_THAT(node->create_tables().back(), HasSubstr("the sweep deletes them itself"));
                node->check();
                ++ready;
            });
    }
    EXPECT_EQ(ready, 6);
}

TEST_F(DynamoDbRecords, DatesAreFoundBetweenManyRecords) {
    store_->create_tables();
    std::vector<std::string> dates;
    for (int day = 10; day < 20; ++day) {
        dates.push_back("2026-11-" + std::to_string(day));
        for (int i = 0; i < 30; ++i)
            store_->put({.date = dates.back(),
                         .audio_id = std::to_string(i),
                         .s3_url = {},
                         .text = {},
                         .voice_id = {},
                         .duration_s = 0,
                         .ttl = 1});
    }
    EXPECT_EQ(store_->dates(), dates);
}

}  // namespace
}  // namespace fadeout::records
