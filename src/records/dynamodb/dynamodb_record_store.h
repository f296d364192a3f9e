#pragma once
#include <memory>
#include <string>
#include <vector>

#include "records/dynamodb/client.h"
#include "records/record_store.h"

namespace fadeout::records {

/// Records as items of one DynamoDB table, which create_tables() makes. Reads are consistent: they see every
/// put that returned. A text that does not fit into an item (400 KiB with all attributes) is cut. Costs, in
/// requests to the service: put, get 1; list 1 for each MiB of records; remove 1 for 25 records; dates 1 for
/// each date; remove_expired reads the whole table, 1 for each MiB, and takes 1 more for each record removed.
class DynamoDbRecordStore final : public RecordStore {
  public:
    /// Sends nothing yet.
    DynamoDbRecordStore(dynamodb::TableAddress address, std::shared_ptr<aws::CredentialsProvider> credentials,
                        const Clock& clock, dynamodb::ClientOptions options = {})
        : clock_(clock), client_(std::move(address), std::move(credentials), clock, std::move(options)) {}

    void put(const SpeechRecord& record) override;
    std::optional<SpeechRecord> get(const std::string& date, const std::string& audio_id) override;
    RecordPage list(const std::string& date, std::string_view cursor, std::size_t limit,
                    Visibility visibility) override;
    std::vector<std::string> dates() override;
    void remove(const std::vector<RecordId>& ids) override;
    std::size_t remove_expired(std::size_t limit) override;
    /// Tries every operation that is needed, without writing anything, within check_limit.
    void check() override;
    std::vector<std::string> create_tables() override;

  private:
    DynamoDbRecordStore(const DynamoDbRecordStore& other, Duration limit)
        : clock_(other.clock_), client_(other.client_.within(limit)) {}
    void try_everything();
    bool is_expired(const SpeechRecord& record) const;
    void remove_batch(boost::json::array requests);
    bool remove_if_expired(const boost::json::object& key, const boost::json::object& now);

    const Clock& clock_;
    dynamodb::Client client_;
};

}  // namespace fadeout::records
