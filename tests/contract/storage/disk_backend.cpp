#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "object_store_suite.h"
#include "storage/disk/disk_store.h"

namespace fadeout::storage {
namespace {

class DiskUnderTest final : public StoreUnderTest {
  public:
    explicit DiskUnderTest(const Clock& clock) : store_(options(), clock) {}

    ObjectStore& store() override { return store_; }

    /// A child process writes half an object and is killed.
    std::size_t leave_unfinished(const Key& key, Time begun) override {
        const pid_t child = ::fork();
        if (child == 0) {
            const ManualClock clock(begun);
            DiskStore store(options(), clock);
            const auto writer = store.create(key, {});
            writer->write(as_bytes("half"));
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status));
        return 1;
    }

  private:
    DiskOptions options() const {
        return {folder_.file("objects"),
                "audio",
                "https://audio.example.org/x",
                {"AKIDEXAMPLE", "secret", {}},
                "us-east-1"};
    }

    const TestFolder folder_;
    DiskStore store_;
};

INSTANTIATE_TEST_SUITE_P(Disk, ObjectStoreSuite,
                         testing::Values(Backend{
                             "disk",
                             [](const Clock& clock) { return std::make_unique<DiskUnderTest>(clock); }}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace fadeout::storage
