#include "object_store_suite.h"
#include "s3_server.h"

namespace fadeout::storage {
namespace {

class S3UnderTest final : public StoreUnderTest {
  public:
    ObjectStore& store() override { return store_; }

    /// An upload of which one part was sent, and no more.
    std::size_t leave_unfinished(const Key& key, Time) override {
        s3::Client client(options_, clock_);
        const auto begun = client.require({"POST", key.str(), {{"uploads", ""}}}, "begin");
        const std::string id = begun.body.substr(begun.body.find("<UploadId>") + 10);
        client.require({"PUT",
                        key.str(),
                        {{"partNumber", "2"}, {"uploadId", id.substr(0, id.find('<'))}},
                        {},
                        as_bytes("half")},
                       "upload");
        return 1;
    }

  private:
    const SystemClock clock_;
    const S3Options options_ = new_bucket();
    S3Store store_{options_, clock_};
};

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreSuite,
                         testing::Values(Backend{
                             "s3", [](const Clock&) { return std::make_unique<S3UnderTest>(); }, false}),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace fadeout::storage
