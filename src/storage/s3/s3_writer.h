#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "storage/object_store.h"
#include "storage/s3/client.h"
#include "storage/s3/conditional.h"
#include "storage/s3/parts.h"

namespace fadeout::storage::s3 {

/// An object on its way: up to one part in one PUT, beyond that a multipart upload whose parts go while the
/// writer is still being written to. Part 1 stays in memory for patches and goes last: parts are ordered by
/// number, not by time. Memory: at most 6 parts.
class S3Writer final : public ObjectWriter {
  public:
    S3Writer(Client& client, ConditionalWrites& conditions, Key key, const ObjectAttributes& attributes);
    ~S3Writer() override { abort(); }
    S3Writer(const S3Writer&) = delete;
    S3Writer& operator=(const S3Writer&) = delete;

    void write(Bytes data) override;
    void patch(std::uint64_t offset, Bytes data) override;
    std::uint64_t patchable_bytes() const override { return part_bytes; }
    ObjectInfo commit(Existing existing) override;
    void abort() noexcept override;

  private:
    void require_open() const;
    void fill(Bytes data);
    void begin_part();
    std::string upload_part(std::size_t number, Bytes part);
    bool is_multipart() const { return !upload_id_.empty() || !current_.empty(); }
    aws::NameValues keep_existing();
    ObjectInfo put(aws::NameValues conditions);
    ObjectInfo complete(const aws::NameValues& conditions);
    ObjectInfo send_final(const Request& request);
    ObjectInfo settle(const Error& failure);
    std::optional<ObjectInfo> find_own();

    Client& client_;
    ConditionalWrites& conditions_;
    const Key key_;
    const std::string token_;
    const aws::NameValues headers_;
    std::string upload_id_;  ///< empty: none was begun
    std::vector<std::byte> first_, current_;
    std::uint64_t written_ = 0;
    std::size_t begun_ = 1;  ///< number of the latest part that was begun; 1 stays here
    bool spent_ = false;
    std::stop_source given_up_;
    PartUploads uploads_;
};

}  // namespace fadeout::storage::s3
