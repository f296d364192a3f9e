#include "service/objects.h"

#include <algorithm>

#include "service/media_type.h"

namespace fadeout::service {

namespace {

[[noreturn]] void refuse(std::string_view code, std::string_view reason) {
    throw Error(ErrorKind::denied, std::string(code) + ": " + std::string(reason));
}

[[noreturn]] void refuse(aws::LinkFault fault) {
    switch (fault) {
        case aws::LinkFault::malformed:
            refuse("AuthorizationQueryParametersError",
                   "a parameter of the link is missing, doubled or unknown.");
        case aws::LinkFault::wrong_key:
            refuse("InvalidAccessKeyId", "the link was signed with another key.");
        case aws::LinkFault::not_yet_valid:
            refuse("AccessDenied", "the link is not valid yet.");
        case aws::LinkFault::expired:
            refuse("AccessDenied", "the link has expired. Ask for a new one.");
        case aws::LinkFault::signature:
            break;
    }
    refuse("SignatureDoesNotMatch",
           "the link was changed, was made for another method, or lacks a header that it was signed with.");
}

/// The link's maker chose it, and still it must not split the header or name a file by anything but a plain
/// name.
bool is_safe_disposition(std::string_view value) {
    const bool printable =
        std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; });
    return printable && value.size() <= 4096 &&
           (value.starts_with("attachment") || value.starts_with("inline"));
}

void take_answer_parameter(const std::string& name, const std::string& value, LinkGrant& grant) {
    if (name == "response-content-disposition" && is_safe_disposition(value))
        grant.content_disposition = value;
    else if (name == "response-content-type" && is_media_type(value))
        grant.content_type = value;
    else
        refuse("InvalidArgument",
               "a link may only ask for response-content-disposition (attachment or inline) and "
               "response-content-type (a media type).");
}

}  // namespace

Objects::Objects(storage::ObjectStore& store, const Clock& clock, aws::Credentials link_credentials,
                 std::string public_url, std::string region, std::uint64_t max_upload_bytes)
    : store_(store),
      clock_(clock),
      link_credentials_(std::move(link_credentials)),
      public_url_(storage::PublicUrl::parse(public_url)),
      region_(std::move(region)),
      max_upload_bytes_(max_upload_bytes) {}

LinkGrant Objects::check(std::string_view method, std::string_view path, std::string_view query,
                         const aws::NameValues& headers) const {
    const bool put = method == "PUT";
    if (!put && method != "GET" && method != "HEAD")
        refuse("AccessDenied", "links answer GET, HEAD and PUT.");
    const auto object = storage::parse_object_path(public_url_, path);
    if (!object || object->bucket != store_.bucket())
        refuse("AccessDenied", "the link names no bucket of this store.");
    if (query.empty()) refuse("AccessDenied", "objects are reached by signed links only.");
    const auto checked = aws::check_link(method, object->signed_path, query, headers,
                                         {public_url_.host, region_, "s3"}, link_credentials_, clock_.now());
    if (checked.fault) refuse(*checked.fault);
    if (storage::key_fault(object->key)) refuse("AccessDenied", "the link names no object.");

    LinkGrant grant{storage::Key::parse(object->key), {}, {}};
    for (const auto& [name, value] : checked.extra) {
        if (put) refuse("InvalidArgument", "a PUT link has no response parameters.");
        take_answer_parameter(name, value, grant);
    }
    for (const auto& [name, value] : checked.required_headers) {
        if (!put || name != "content-type")
            refuse("NotImplemented", "only the Content-Type of a PUT may be signed.");
        grant.content_type = value;
    }
    return grant;
}

std::unique_ptr<storage::ObjectReader> Objects::open(const storage::Key& key) {
    return store_.open(key);
}

std::unique_ptr<storage::ObjectWriter> Objects::create(const LinkGrant& grant,
                                                       const std::string& content_type) {
    const std::string wanted = grant.content_type.value_or(content_type);
    return store_.create(grant.key, {.content_type = is_media_type(wanted) ? wanted : "", .metadata = {}});
}

}  // namespace fadeout::service
