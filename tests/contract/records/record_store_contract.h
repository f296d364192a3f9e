#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "base/test_folder.h"
#include "records/record_store.h"

namespace fadeout::records {

/// A backend under test: makes a store that lives in the given empty folder and reads the given clock.
struct Backend {
    std::string name;
    std::function<std::unique_ptr<RecordStore>(const TestFolder& folder, const Clock& clock)> make;
    std::size_t long_text_bytes = 4'000'000;  ///< of a text that it must keep whole
};

/// Every RecordStore must pass the tests of this suite; a backend joins by INSTANTIATE_TEST_SUITE_P.
class RecordStoreContract : public testing::TestWithParam<Backend> {
  protected:
    SpeechRecord record(const std::string& audio_id, Duration lifetime = std::chrono::hours(24)) const;

    ManualClock clock_{from_unix_seconds(1'795'188'600)};  // 2026-11-20T15:30:00Z
    TestFolder folder_;
    std::unique_ptr<RecordStore> store_ = GetParam().make(folder_, clock_);
};

}  // namespace fadeout::records
