#include "storage/s3/parts.h"

#include "base/error.h"

namespace fadeout::storage::s3 {

std::vector<std::byte> PartUploads::begin(std::size_t number, std::vector<std::byte> part) {
    if (number > max_parts)
        throw Error(ErrorKind::too_large,
                    "The object is larger than an object store's 10,000 parts of 8 MiB.");
    if (in_flight_.size() == parts_in_flight) collect_oldest();
    in_flight_.push_back(std::async(std::launch::async, [this, number, buffer = std::move(part)]() mutable {
        std::string etag = upload_(number, buffer);
        return Uploaded{number, std::move(etag), std::move(buffer)};
    }));
    spare_.clear();
    return std::move(spare_);
}

void PartUploads::collect_oldest() {
    std::future<Uploaded> oldest = std::move(in_flight_.front());
    in_flight_.pop_front();
    Uploaded uploaded = oldest.get();
    if (etags_.size() < uploaded.number) etags_.resize(uploaded.number);
    etags_[uploaded.number - 1] = std::move(uploaded.etag);
    spare_ = std::move(uploaded.buffer);
}

std::vector<std::string> PartUploads::finish() {
    while (!in_flight_.empty()) collect_oldest();
    return std::move(etags_);
}

}  // namespace fadeout::storage::s3
