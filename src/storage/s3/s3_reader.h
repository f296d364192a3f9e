#pragma once
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <stop_token>
#include <string>

#include "storage/object_store.h"
#include "storage/s3/client.h"

namespace fadeout::storage::s3 {

/// An object read in pieces, each a ranged GET of its own, so that a slow reader holds no connection and a
/// broken one costs one piece. While reads follow one another the next pieces are fetched ahead, larger each
/// time; a jump begins small again. Memory: at most 4 pieces of 4 MiB. Every piece is of the version that was
/// opened, or the read fails with Error(bad_source): the service keeps no replaced version.
class S3Reader final : public ObjectReader {
  public:
    /// With the object's first piece, which its head came with. A small object is held whole.
    static std::unique_ptr<S3Reader> open(Client& client, const Key& key);
    ~S3Reader() override;
    S3Reader(const S3Reader&) = delete;
    S3Reader& operator=(const S3Reader&) = delete;

    const ObjectHead& head() const override { return head_; }
    std::optional<std::uint64_t> size() const override { return head_.info.size_bytes; }
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> out) override;

  private:
    struct Piece {
        std::uint64_t begin = 0;
        std::string bytes;
        std::uint64_t end() const { return begin + bytes.size(); }
        bool holds(std::uint64_t offset) const { return offset >= begin && offset < end(); }
    };
    struct Fetch {
        std::uint64_t begin = 0, end = 0;
        std::future<Piece> piece;
    };

    S3Reader(Client& client, ObjectHead head, std::string first);
    void advance(std::uint64_t offset);
    void begin_fetches(std::size_t count);
    Piece fetch(std::uint64_t begin, std::uint64_t end, std::stop_token stop) const;
    void give_up_fetches();

    Client& client_;
    const ObjectHead head_;
    Piece current_;
    std::uint64_t next_begin_ = 0;  ///< of the next fetch
    std::uint64_t next_size_;
    std::stop_source stop_;  ///< of the fetches ahead
    std::deque<Fetch> ahead_;
};

}  // namespace fadeout::storage::s3
