#include "storage/s3/conditional.h"

#include <array>

#include "base/ids.h"
#include "storage/s3/xml.h"

namespace fadeout::storage::s3 {

namespace {

constexpr std::string_view doing = "try a conditional write";
const aws::NameValues only_if_absent{{"if-none-match", "*"}};

/// An object that is there, and gone with this value.
class ProbeObject {
  public:
    explicit ProbeObject(Client& client) : client_(client) {
        client_.require({"PUT", key, {}, {}, body()}, doing);
    }
    ~ProbeObject() { remove({}); }
    ProbeObject(const ProbeObject&) = delete;
    ProbeObject& operator=(const ProbeObject&) = delete;

    static Bytes body() { return as_bytes("probe"); }
    void remove(const aws::NameValues& query) noexcept {
        try {
            client_.send({"DELETE", key, query});
        } catch (...) {  // the sweep finds it
        }
    }

    const std::string key = "temp-audio/fadeout-check-" + make_uuid() + ".txt";

  private:
    Client& client_;
};

/// Whether the service refused to replace the object. Nothing where its answer says neither: one that is busy
/// may know conditions all the same.
std::optional<bool> was_refused(const Answer& answer) {
    if (answer.ok()) return false;
    if (answer.fault->status == 412 || answer.fault->code == "PreconditionFailed") return true;
    const bool is_unknown = answer.fault->status == 501 || answer.fault->code == "InvalidArgument" ||
                            answer.fault->code == "InvalidRequest";
    return is_unknown ? std::optional(false) : std::nullopt;
}

std::optional<bool> try_put(Client& client) {
    const ProbeObject object(client);
    return was_refused(client.send({"PUT", object.key, {}, only_if_absent, ProbeObject::body()}));
}

std::optional<bool> try_complete(Client& client) {
    ProbeObject object(client);
    const std::string id =
        parse_upload_id(client.require({"POST", object.key, {{"uploads", ""}}}, doing).body);
    const auto part = client.require(
        {"PUT", object.key, {{"partNumber", "1"}, {"uploadId", id}}, {}, ProbeObject::body()}, doing);
    const std::array<std::string, 1> etags{plain_etag(part.header("etag"))};
    const std::string document = completion_document(etags);
    const Answer answer =
        client.send({"POST", object.key, {{"uploadId", id}}, only_if_absent, as_bytes(document)});
    if (!answer.ok()) object.remove({{"uploadId", id}});
    return was_refused(answer);
}

}  // namespace

bool ConditionalWrites::honoured(bool multipart) {
    const std::lock_guard lock(mutex_);
    std::optional<bool>& known = multipart ? complete_ : put_;
    try {
        if (!known) known = multipart ? try_complete(client_) : try_put(client_);
    } catch (const Error&) {
        return false;
    }
    return known.value_or(false);
}

}  // namespace fadeout::storage::s3
