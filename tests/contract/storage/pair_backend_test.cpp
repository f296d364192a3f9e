#include <fstream>

#include "base/test_folder.h"
#include "object_store_suite.h"
#include "s3_server.h"
#include "storage/disk/disk_store.h"
#include "storage/memory/memory_store.h"
#include "storage/pair/failover_store.h"
#include "storage/pair/mirror_store.h"

namespace fadeout::storage {
namespace {

void expect_no_repair(const Key& key, Missed, Duration delay) {
    EXPECT_GT(delay, Duration(0)) << key.str() << ": both stores work, so only a PUT link asks for repair";
}

void ignore(Severity, const std::string&) {}

class MemoryPair final : public StoreUnderTest {
  public:
    explicit MemoryPair(std::unique_ptr<ObjectStore> store) : store_(std::move(store)) {}
    ObjectStore& store() override { return *store_; }
    std::size_t leave_unfinished(const Key&, Time) override { return 0; }

  private:
    std::unique_ptr<ObjectStore> store_;
};

std::unique_ptr<StoreUnderTest> memory_mirror(const Clock& clock) {
    return std::make_unique<MemoryPair>(std::make_unique<MirrorStore>(
        std::make_unique<MemoryStore>(clock), std::make_unique<MemoryStore>(clock),
        // Writers of one key at once do ask for it, and rightly so.
        MirrorOptions{MirrorMode::both, [](const Key&, Missed, Duration) {}, ignore}));
}

std::unique_ptr<StoreUnderTest> memory_failover(const Clock& clock) {
    return std::make_unique<MemoryPair>(std::make_unique<FailoverStore>(
        std::make_unique<MemoryStore>(clock), std::make_unique<MemoryStore>(clock),
        FailoverOptions{.ask_for_repair = expect_no_repair, .other_link = {}, .log = ignore}));
}

class DiskAndS3 final : public StoreUnderTest {
  public:
    ObjectStore& store() override { return store_; }

    /// What a killed process leaves in each: a begun upload, and a file that nobody holds.
    std::size_t leave_unfinished(const Key& key, Time begun) override {
        s3::Client client(s3_, clock_);
        client.require({"POST", key.str(), {{"uploads", ""}}}, "begin");
        const std::string name = std::to_string(begun.time_since_epoch().count()) + "-0123456789abcdef";
        std::ofstream(folder_.file("objects/audio/.unfinished/" + name)) << "half";
        return 2;
    }

  private:
    const SystemClock clock_;
    const TestFolder folder_;
    const DiskOptions disk_{folder_.file("objects"),
                            "audio",
                            "https://audio.example.org/x",
                            {"AKIDEXAMPLE", "secret", {}},
                            "us-east-1"};
    const S3Options s3_ = new_bucket();
    MirrorStore store_{std::make_unique<DiskStore>(disk_, clock_),
                       std::make_unique<S3Store>(s3_, clock_),
                       {MirrorMode::both, [](const Key&, Missed, Duration) {}, ignore}};
};

INSTANTIATE_TEST_SUITE_P(Pair, ObjectStoreSuite,
                         testing::Values(Backend{"mirror_of_memory", memory_mirror},
                                         Backend{"failover_of_memory", memory_failover},
                                         Backend{"mirror_of_disk_and_s3",
                                                 [](const Clock&) { return std::make_unique<DiskAndS3>(); },
                                                 false}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace fadeout::storage
