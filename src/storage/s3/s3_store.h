#pragma once
#include <functional>
#include <string>
#include <vector>

#include "storage/link.h"
#include "storage/object_store.h"
#include "storage/s3/client.h"
#include "storage/s3/conditional.h"

namespace fadeout::storage {

namespace s3 {
struct Upload;
}

using S3Options = s3::ClientOptions;

/// A bucket of Amazon S3, Cloudflare R2, Ceph or another service that speaks the S3 API. The bucket is
/// fadeout's own: remove_unfinished() ends every upload in it that is old enough, whoever began it.
class S3Store final : public ObjectStore {
  public:
    /// `other_link` makes those that would outlive the credentials. Without it they are Error(misconfigured).
    S3Store(S3Options options, const Clock& clock, OtherLink other_link = {});

    std::optional<ObjectHead> head(const Key& key) override;
    std::unique_ptr<ObjectReader> open(const Key& key) override;
    std::unique_ptr<ObjectWriter> create(const Key& key, const ObjectAttributes& attributes) override;
    ObjectPage list(std::string_view prefix, std::string_view cursor, std::size_t limit) override;
    std::vector<RemoveResult> remove(std::span<const Key> keys) override;
    std::size_t remove_unfinished(Time older_than) override;
    std::size_t count_unfinished(Time older_than) override;
    std::string presign(LinkMethod method, const Key& key, Duration expires,
                        const LinkOptions& options) override;
    /// Error(denied) names the permission that it takes.
    std::optional<std::vector<LifecycleRule>> lifecycle() override;
    /// Path and virtual-host style of the endpoint, every spelling of Amazon's where it is theirs, and the
    /// public endpoints of the options.
    std::optional<Key> key_in(std::string_view url) const override;
    std::string_view provider() const override { return client_.location().provider; }
    const std::string& bucket() const override { return client_.location().bucket; }
    /// Its errors name wrong keys, a missing bucket, another region, a clock that is off, a missing
    /// permission. Within check_limit, retries included.
    void check() override;

  private:
    S3Store(const S3Store& other, Duration limit);
    std::size_t for_each_unfinished(Time older_than, const std::function<bool(const s3::Upload&)>& see_to);

    const std::vector<PublicUrl> endpoints_;
    s3::Client client_;
    const OtherLink other_link_;
    s3::ConditionalWrites conditions_{client_};
};

}  // namespace fadeout::storage
