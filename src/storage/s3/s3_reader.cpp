#include "storage/s3/s3_reader.h"

#include <algorithm>
#include <utility>

#include "net/content_range.h"
#include "storage/s3/headers.h"

namespace fadeout::storage::s3 {

namespace {

constexpr std::uint64_t first_piece_bytes = 1 << 20;
constexpr std::uint64_t jump_piece_bytes = 256 << 10;
constexpr std::uint64_t largest_piece_bytes = 4 << 20;
constexpr std::size_t pieces_ahead = 3;

constexpr std::string_view doing = "read the object";

std::string range(std::uint64_t begin, std::uint64_t end) {
    return "bytes=" + std::to_string(begin) + "-" + std::to_string(end - 1);
}

}  // namespace

std::unique_ptr<S3Reader> S3Reader::open(Client& client, const Key& key) {
    Answer answer = client.send({"GET", key.str(), {}, {{"range", range(0, first_piece_bytes)}}});
    if (answer.fault && answer.fault->status == 416)  // an empty object has no range
        answer = client.send({"GET", key.str()});
    if (answer.fault && answer.fault->status == 404 && answer.fault->code != "NoSuchBucket") return nullptr;
    if (answer.fault) throw to_error(*answer.fault, doing);
    ObjectHead head = parse_head(key, answer.http);
    return std::unique_ptr<S3Reader>(new S3Reader(client, std::move(head), std::move(answer.http.body)));
}

S3Reader::S3Reader(Client& client, ObjectHead head, std::string first)
    : client_(client),
      head_(std::move(head)),
      current_{0, std::move(first)},
      next_begin_(current_.end()),
      next_size_(2 * first_piece_bytes) {}

S3Reader::~S3Reader() {
    give_up_fetches();
}

std::size_t S3Reader::read_at(std::uint64_t offset, std::span<std::byte> out) {
    if (offset >= head_.info.size_bytes || out.empty()) return 0;
    if (!current_.holds(offset)) advance(offset);
    const std::size_t skipped = offset - current_.begin;
    const Bytes rest = as_bytes(std::string_view(current_.bytes).substr(skipped));
    const std::size_t n = std::min(out.size(), rest.size());
    std::copy_n(rest.begin(), n, out.begin());
    return n;
}

/// Makes current_ hold `offset`, which lies before the end.
void S3Reader::advance(std::uint64_t offset) {
    const bool follows = offset == current_.end();
    if (ahead_.empty() || offset < ahead_.front().begin || offset >= ahead_.front().end) {
        give_up_fetches();
        if (!follows) next_size_ = jump_piece_bytes;
        next_begin_ = offset;
    }
    begin_fetches(follows ? pieces_ahead : 1);
    try {
        Fetch next = std::move(ahead_.front());
        ahead_.pop_front();
        current_ = next.piece.get();
    } catch (...) {
        give_up_fetches();
        throw;
    }
    if (follows) begin_fetches(pieces_ahead);
}

void S3Reader::begin_fetches(std::size_t count) {
    while (ahead_.size() < count && next_begin_ < head_.info.size_bytes) {
        const std::uint64_t begin = next_begin_;
        const std::uint64_t end = std::min(begin + next_size_, head_.info.size_bytes);
        ahead_.push_back(
            {begin, end, std::async(std::launch::async, [this, begin, end, stop = stop_.get_token()] {
                 return fetch(begin, end, stop);
             })});
        next_begin_ = end;
        next_size_ = std::min(2 * next_size_, largest_piece_bytes);
    }
}

S3Reader::Piece S3Reader::fetch(std::uint64_t begin, std::uint64_t end, std::stop_token stop) const {
    Answer answer = client_.send({"GET",
                                  head_.info.key.str(),
                                  {},
                                  {{"range", range(begin, end)}, {"if-match", "\"" + head_.info.etag + "\""}},
                                  {},
                                  std::move(stop)});
    if (answer.fault &&
        (answer.fault->status == 412 || answer.fault->status == 404 || answer.fault->status == 416))
        throw Error(ErrorKind::bad_source, "The object was replaced or removed while it was read. Try again.",
                    head_.info.key.str());
    if (answer.fault) throw to_error(*answer.fault, doing);
    const auto got = net::parse_content_range(answer.http.header("content-range"));
    if (!got || got->first != begin || got->last != end - 1 || answer.http.body.size() != end - begin)
        throw Error(ErrorKind::unavailable,
                    "The object store gave other bytes than it was asked for. Try again.");
    return {begin, std::move(answer.http.body)};
}

void S3Reader::give_up_fetches() {
    stop_.request_stop();
    ahead_.clear();  // waits for them
    stop_ = {};
}

}  // namespace fadeout::storage::s3
