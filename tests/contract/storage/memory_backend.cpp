#include "object_store_suite.h"
#include "storage/memory/memory_store.h"

namespace fadeout::storage {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
  public:
    explicit MemoryUnderTest(const Clock& clock) : store_(clock) {}
    ObjectStore& store() override { return store_; }
    std::size_t leave_unfinished(const Key&, Time) override { return 0; }  // memory dies with its process

  private:
    MemoryStore store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreSuite,
                         testing::Values(Backend{
                             "memory",
                             [](const Clock& clock) { return std::make_unique<MemoryUnderTest>(clock); }}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace fadeout::storage
