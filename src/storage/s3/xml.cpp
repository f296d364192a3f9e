#include "storage/s3/xml.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <pugixml.hpp>

#include "base/text.h"

namespace fadeout::storage::s3 {

namespace {

/// A key may be one space.
constexpr unsigned int parse_options = pugi::parse_default | pugi::parse_ws_pcdata_single;
constexpr unsigned int print_options = pugi::format_raw | pugi::format_no_declaration;

[[noreturn]] void fail(const std::string& detail) {
    throw Error(ErrorKind::unavailable, "The object store gave an answer that cannot be read. Try again.",
                detail);
}

pugi::xml_document read(std::string_view body, const char* root) {
    pugi::xml_document document;
    const auto result = document.load_buffer(body.data(), body.size(), parse_options, pugi::encoding_utf8);
    if (!result) fail(std::string("XML: ") + result.description());
    if (std::string_view(document.document_element().name()) != root)
        fail(std::string("XML: <") + document.document_element().name() + "> for <" + root + ">");
    return document;
}

std::string print(const pugi::xml_document& document) {
    struct Text final : pugi::xml_writer {
        std::string text;
        void write(const void* data, std::size_t size) override {
            text.append(static_cast<const char*>(data), size);
        }
    } out;
    document.save(out, "", print_options, pugi::encoding_utf8);
    return std::move(out.text);
}

/// encoding-type=url writes a space as '+', and a plus as "%2B". A service that does not know it does not say
/// so in its answer, and its names are as they stand there.
std::string decode_name(const pugi::xml_node& list, std::string text) {
    if (std::string_view(list.child_value("EncodingType")) != "url") return text;
    std::replace(text.begin(), text.end(), '+', ' ');
    auto decoded = percent_decode(text);
    if (!decoded) fail("a name that is badly encoded");
    return std::move(*decoded);
}

Time parse_time(const char* text) {
    const auto time = parse_utc_timestamp(text);
    if (!time) fail(std::string("a time that is none: ") + text);
    return *time;
}

bool is_true(const pugi::xml_node& node) {
    return std::string_view(node.child_value()) == "true";
}

std::uint64_t parse_size(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || end != text.data() + text.size()) fail("a size that is none");
    return size;
}

}  // namespace

std::string plain_etag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

std::optional<Fault> parse_fault(int status, std::string_view body) {
    pugi::xml_document document;
    if (!document.load_buffer(body.data(), body.size(), parse_options, pugi::encoding_utf8))
        return std::nullopt;
    const pugi::xml_node error = document.child("Error");
    if (!error) return std::nullopt;
    return Fault{
        status, error.child_value("Code"), error.child_value("Message"), error.child_value("Region"), {}};
}

ObjectPage parse_object_page(std::string_view body) {
    const pugi::xml_document document = read(body, "ListBucketResult");
    const pugi::xml_node root = document.document_element();
    ObjectPage page;
    std::string last;
    for (const pugi::xml_node object : root.children("Contents")) {
        last = decode_name(root, object.child_value("Key"));
        const std::uint64_t size = parse_size(object.child_value("Size"));
        if (key_fault(last)) {
            page.left_out += size > 0;  // an empty one stands for a folder
            continue;
        }
        // Whole seconds, as Last-Modified tells it.
        const Time modified =
            std::chrono::floor<std::chrono::seconds>(parse_time(object.child_value("LastModified")));
        page.objects.push_back({Key::parse(last), size, modified, plain_etag(object.child_value("ETag"))});
    }
    if (!is_true(root.child("IsTruncated"))) return page;
    if (last.empty()) fail("a page without objects that is not the last one");
    page.next = last;
    return page;
}

UploadPage parse_upload_page(std::string_view body) {
    const pugi::xml_document document = read(body, "ListMultipartUploadsResult");
    const pugi::xml_node root = document.document_element();
    UploadPage page;
    for (const pugi::xml_node upload : root.children("Upload"))
        page.uploads.push_back({decode_name(root, upload.child_value("Key")), upload.child_value("UploadId"),
                                parse_time(upload.child_value("Initiated"))});
    page.truncated = is_true(root.child("IsTruncated"));
    page.next_key = decode_name(root, root.child_value("NextKeyMarker"));
    page.next_id = root.child_value("NextUploadIdMarker");
    if (page.truncated && page.next_key.empty()) fail("a page of uploads without a next one");
    return page;
}

namespace {

/// Days in `action`'s child; nothing where there is no such child.
std::optional<int> days_of(const pugi::xml_node& action, const char* child) {
    const pugi::xml_node node = action.child(child);
    if (!node) return std::nullopt;
    return static_cast<int>(std::min<std::uint64_t>(parse_size(trim(node.child_value())), 1'000'000));
}

LifecycleRule parse_rule(const pugi::xml_node& node) {
    const pugi::xml_node filter = node.child("Filter");
    const pugi::xml_node scope = filter.child("And") ? filter.child("And") : filter;
    const pugi::xml_node expiration = node.child("Expiration");
    LifecycleRule rule;
    rule.id = node.child_value("ID");
    rule.enabled = trim(node.child_value("Status")) == "Enabled";
    rule.prefix = filter ? scope.child_value("Prefix") : node.child_value("Prefix");
    for (const char* narrowing : {"Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"})
        rule.is_partial = rule.is_partial || scope.child(narrowing);
    rule.expire_days = days_of(expiration, "Days");
    rule.expires_on_date = static_cast<bool>(expiration.child("Date"));
    rule.abort_days = days_of(node.child("AbortIncompleteMultipartUpload"), "DaysAfterInitiation");
    return rule;
}

}  // namespace

std::vector<LifecycleRule> parse_lifecycle(std::string_view body) {
    const pugi::xml_document document = read(body, "LifecycleConfiguration");
    std::vector<LifecycleRule> rules;
    for (const pugi::xml_node rule : document.document_element().children("Rule"))
        rules.push_back(parse_rule(rule));
    return rules;
}

std::string parse_upload_id(std::string_view body) {
    const pugi::xml_document document = read(body, "InitiateMultipartUploadResult");
    std::string id = document.document_element().child_value("UploadId");
    if (id.empty()) fail("an upload without an id");
    return id;
}

std::string parse_completed_etag(std::string_view body) {
    return plain_etag(read(body, "CompleteMultipartUploadResult").document_element().child_value("ETag"));
}

std::string completion_document(std::span<const std::string> etags) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("CompleteMultipartUpload");
    for (std::size_t i = 0; i < etags.size(); ++i) {
        pugi::xml_node part = root.append_child("Part");
        part.append_child("PartNumber").text().set(static_cast<unsigned long>(i + 1));
        part.append_child("ETag").text().set(("\"" + etags[i] + "\"").c_str());
    }
    return print(document);
}

std::string removal_document(std::span<const Key> keys) {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("Delete");
    for (const Key& key : keys) root.append_child("Object").append_child("Key").text().set(key.str().c_str());
    return print(document);
}

std::vector<RemoveResult> parse_removal(std::string_view body, std::span<const Key> keys) {
    const pugi::xml_document document = read(body, "DeleteResult");
    std::map<std::string, std::optional<Error>, std::less<>> answers;
    for (const pugi::xml_node deleted : document.document_element().children("Deleted"))
        answers.emplace(deleted.child_value("Key"), std::nullopt);
    for (const pugi::xml_node error : document.document_element().children("Error")) {
        const std::string code = error.child_value("Code");
        // Per key there is only a code; these are the statuses that S3 gives with it elsewhere.
        const int status = code == "AccessDenied" ? 403 : 400;
        if (code == "NoSuchKey")
            answers.insert_or_assign(error.child_value("Key"), std::nullopt);
        else
            answers.insert_or_assign(
                error.child_value("Key"),
                to_error({status, code, error.child_value("Message"), {}, {}}, "remove the object"));
    }
    std::vector<RemoveResult> results;
    results.reserve(keys.size());
    for (const Key& key : keys) {
        const auto answer = answers.find(key.str());
        results.push_back(
            {key, answer != answers.end()
                      ? answer->second
                      : Error(ErrorKind::unavailable,
                              "The object store did not say whether it removed the object. Try again.")});
    }
    return results;
}

}  // namespace fadeout::storage::s3
