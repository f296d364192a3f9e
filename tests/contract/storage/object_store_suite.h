#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/object_store.h"

// The suite that every ObjectStore passes. A backend joins with one Backend and INSTANTIATE_TEST_SUITE_P.
namespace fadeout::storage {

/// A store of its own for one test, with everything that it needs; gone with this value.
class StoreUnderTest {
  public:
    virtual ~StoreUnderTest() = default;
    virtual ObjectStore& store() = 0;
    /// Leaves behind what a process that died while writing to `key` leaves, begun at `begun`; returns how
    /// many.
    virtual std::size_t leave_unfinished(const Key& key, Time begun) = 0;
};

struct Backend {
    std::string name;
    std::function<std::unique_ptr<StoreUnderTest>(const Clock&)> make;
    /// False: a server of its own tells the time of what is written, in whole seconds.
    bool injected_time = true;
};

class ObjectStoreSuite : public testing::TestWithParam<Backend> {
  protected:
    static constexpr Time start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) +
                                std::chrono::hours(15)};

    ManualClock clock_{GetParam().injected_time ? start : SystemClock().now()};
    std::unique_ptr<StoreUnderTest> under_test_ = GetParam().make(clock_);
    ObjectStore& store_ = under_test_->store();

    ObjectInfo put(const std::string& key, std::string_view content, const ObjectAttributes& attributes = {});
    /// The whole content; "(absent)" where there is none.
    std::string get(const std::string& key);
    static std::string read_all(ObjectReader& reader);
    /// All keys that begin with `prefix`, listed in pages of `limit`.
    std::vector<std::string> keys(std::string_view prefix, std::size_t limit = 1000);
    void expect_time(Time actual, Time expected) const;
    void expect_error(ErrorKind kind, const std::function<void()>& call);
};

}  // namespace fadeout::storage
