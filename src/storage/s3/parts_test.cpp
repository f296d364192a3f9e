#include "storage/s3/parts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/error.h"

namespace fadeout::storage::s3 {
namespace {

std::vector<std::byte> bytes(std::size_t n) {
    return std::vector<std::byte>(n);
}

TEST(S3Parts, TellsTheirEtagsInTheOrderOfTheirNumbers) {
    PartUploads uploads([](std::size_t number, Bytes part) {
        return std::to_string(number) + ":" + std::to_string(part.size());
    });
    for (std::size_t number = 2; number <= 9; ++number) uploads.begin(number, bytes(number));
    uploads.begin(1, bytes(100));
    EXPECT_EQ(uploads.finish(),
              (std::vector<std::string>{"1:100", "2:2", "3:3", "4:4", "5:5", "6:6", "7:7", "8:8", "9:9"}));
}

/// Four at once: each waits for three others, which never come if fewer run; a fifth would be seen.
TEST(S3Parts, BoundsHowManyAreOnTheirWay) {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t running = 0, most = 0, met = 0;
    PartUploads uploads([&](std::size_t number, Bytes) {
        std::unique_lock lock(mutex);
        most = std::max(most, ++running);
        met = std::max(met, running);
        changed.notify_all();
        EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return met == parts_in_flight; }));
        --running;
        return std::to_string(number);
    });
    for (std::size_t number = 1; number <= 12; ++number) uploads.begin(number, bytes(1));
    EXPECT_EQ(uploads.finish().size(), 12u);
    EXPECT_EQ(most, parts_in_flight);
}

TEST(S3Parts, FillsTheSameBuffersAgain) {
    PartUploads uploads([](std::size_t, Bytes) { return "e"; });
    std::size_t reused = 0;
    for (std::size_t number = 1; number <= 20; ++number) {
        std::vector<std::byte> next = uploads.begin(number, bytes(1000));
        EXPECT_TRUE(next.empty());
        reused += next.capacity() >= 1000;
    }
    EXPECT_EQ(reused, 20 - parts_in_flight);
}

TEST(S3Parts, OneFailureFailsAll) {
    PartUploads uploads([](std::size_t number, Bytes) -> std::string {
        if (number == 3) throw Error(ErrorKind::unavailable, "gone");
        return "e";
    });
    const auto all = [&] {
        for (std::size_t number = 1; number <= 6; ++number) uploads.begin(number, bytes(1));
        uploads.finish();
    };
    EXPECT_THROW(all(), Error);
    uploads.wait();
}

TEST(S3Parts, EndsAtTheLimitOfTheService) {
    PartUploads uploads([](std::size_t, Bytes) { return "e"; });
    EXPECT_THROW(uploads.begin(10'001, bytes(1)), Error);
}

}  // namespace
}  // namespace fadeout::storage::s3
