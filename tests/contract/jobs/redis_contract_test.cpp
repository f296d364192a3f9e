#include "job_queue_contract.h"
#include "jobs/redis/redis_job_queue.h"
#include "redis_server.h"

namespace fadeout::jobs {

INSTANTIATE_TEST_SUITE_P(Redis, JobQueueContract,
                         testing::Values(Backend{
                             "redis", [](const TestFolder&, const Clock& clock, const Limits& limits,
                                         const FollowUp& follow_up) {
                                 RedisServer& server = shared_redis();
                                 return std::make_unique<RedisJobQueue>(
                                     server.url(server.fresh_database()), clock, limits,
                                     [] { return fixed_random; }, RedisOptions{}, follow_up);
                             }}));

}  // namespace fadeout::jobs
