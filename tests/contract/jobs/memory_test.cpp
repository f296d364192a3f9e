#include "job_queue_contract.h"
#include "jobs/memory/memory_job_queue.h"

namespace fadeout::jobs {

INSTANTIATE_TEST_SUITE_P(Memory, JobQueueContract,
                         testing::Values(Backend{
                             "memory", [](const TestFolder&, const Clock& clock, const Limits& limits,
                                          const FollowUp& follow_up) {
                                 return std::make_unique<MemoryJobQueue>(
                                     clock, limits, [] { return fixed_random; }, follow_up);
                             }}));

}  // namespace fadeout::jobs
