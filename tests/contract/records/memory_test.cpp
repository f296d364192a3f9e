#include "record_store_contract.h"
#include "records/memory/memory_record_store.h"

namespace fadeout::records {

INSTANTIATE_TEST_SUITE_P(Memory, RecordStoreContract,
                         testing::Values(Backend{"memory", [](const TestFolder&, const Clock& clock) {
                                                     return std::make_unique<MemoryRecordStore>(clock);
                                                 }}));

}  // namespace fadeout::records
