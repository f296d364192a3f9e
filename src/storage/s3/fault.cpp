#include "storage/s3/fault.h"

#include <fmt/format.h>

#include <array>

#include "aws/retry.h"

namespace fadeout::storage::s3 {

namespace {

struct Meaning {
    std::string_view code;
    ErrorKind kind;
    std::string_view advice;
};

constexpr std::string_view wrong_secret =
    "The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY.";
constexpr std::string_view wrong_clock =
    "This machine's clock differs from the object store's by more than 15 minutes. Set the clock, for "
    "example by NTP.";
constexpr std::string_view wrong_region =
    "The bucket is in another region. Correct region= in the store's URL.";
constexpr std::string_view ended = "The credentials have ended. Renew them.";
constexpr std::string_view changed_on_the_way = "The bytes were changed on their way. Try again.";

constexpr std::string_view already_there_advice = "There is an object of that key already.";

constexpr std::array<Meaning, 22> meanings{{
    {"InvalidAccessKeyId", ErrorKind::misconfigured,
     "The object store does not know the access key. Check AWS_ACCESS_KEY_ID, and that it is a key of this "
     "service."},
    {"SignatureDoesNotMatch", ErrorKind::misconfigured, wrong_secret},
    {"InvalidSecurity", ErrorKind::misconfigured, wrong_secret},
    {"RequestTimeTooSkewed", ErrorKind::misconfigured, wrong_clock},
    {"RequestInTheFuture", ErrorKind::misconfigured, wrong_clock},
    {"RequestExpired", ErrorKind::misconfigured, wrong_clock},
    {"ExpiredToken", ErrorKind::misconfigured, ended},
    {"TokenRefreshRequired", ErrorKind::misconfigured, ended},
    {"InvalidToken", ErrorKind::misconfigured, "The session token is wrong. Check AWS_SESSION_TOKEN."},
    {"NoSuchBucket", ErrorKind::misconfigured,
     "The bucket does not exist. Create it, or correct the store's URL: a service other than Amazon's may "
     "need path_style=1."},
    {"AllAccessDisabled", ErrorKind::misconfigured, "The provider has disabled this account or bucket."},
    {"PermanentRedirect", ErrorKind::misconfigured, wrong_region},
    {"TemporaryRedirect", ErrorKind::unavailable, "The bucket is being moved. Try again."},
    {"AuthorizationHeaderMalformed", ErrorKind::misconfigured, wrong_region},
    {"IllegalLocationConstraintException", ErrorKind::misconfigured, wrong_region},
    {"QuotaExceeded", ErrorKind::storage_full, "The bucket's quota is used up."},
    {"EntityTooLarge", ErrorKind::too_large, "The object is larger than the object store allows."},
    {"PreconditionFailed", ErrorKind::conflict, already_there_advice},
    {"NoSuchUpload", ErrorKind::unavailable, "The object store has ended the upload. Try again."},
    {"BadDigest", ErrorKind::unavailable, changed_on_the_way},
    {"XAmzContentSHA256Mismatch", ErrorKind::unavailable, changed_on_the_way},
    {"MetadataTooLarge", ErrorKind::invalid, "The object's metadata is larger than the object store allows."},
}};

Meaning meaning_of_status(int status) {
    if (status == 403)
        return {"", ErrorKind::misconfigured,
                "The access key may not do that. It needs s3:GetObject, s3:PutObject, s3:DeleteObject, "
                "s3:AbortMultipartUpload, s3:ListBucket and s3:ListBucketMultipartUploads on the bucket."};
    if (status == 412) return {"", ErrorKind::conflict, already_there_advice};
    if (status == 401) return {"", ErrorKind::misconfigured, "The object store did not accept the keys."};
    if (status == 301) return {"", ErrorKind::misconfigured, wrong_region};
    if (status == 507) return {"", ErrorKind::storage_full, "The object store is full."};
    return {"", ErrorKind::internal, "The object store refused the request."};
}

Meaning meaning_of(const Fault& fault) {
    for (const Meaning& meaning : meanings)
        if (meaning.code == fault.code) return meaning;
    if (aws::classify(fault.status, fault.code) != aws::Retry::no || fault.status == 409)
        return {"", ErrorKind::unavailable, "The object store cannot do it for now. Try again."};
    if (fault.status == 404 && fault.code.empty())
        return {
            "", ErrorKind::misconfigured,
            "What is at the address of the store's URL does not answer as an object store does. Check it."};
    return meaning_of_status(fault.status);
}

}  // namespace

Error to_error(const Fault& fault, std::string_view doing) {
    const Meaning meaning = meaning_of(fault);
    const std::string region = meaning.advice == wrong_region && !fault.region.empty()
                                   ? " It is '" + fault.region + "'."
                                   : std::string();
    std::string detail = fmt::format("status {}", fault.status);
    for (const std::string* part : {&fault.code, &fault.message, &fault.url})
        if (!part->empty()) detail += ' ' + *part;
    return {meaning.kind, fmt::format("Could not {}. {}{}", doing, meaning.advice, region), detail};
}

}  // namespace fadeout::storage::s3
