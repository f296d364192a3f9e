#include "object_store_suite.h"

#include <array>

namespace fadeout::storage {

ObjectInfo ObjectStoreSuite::put(const std::string& key, std::string_view content,
                                 const ObjectAttributes& attributes) {
    const auto writer = store_.create(Key::parse(key), attributes);
    writer->write(as_bytes(content));
    return writer->commit();
}

std::string ObjectStoreSuite::get(const std::string& key) {
    const auto reader = store_.open(Key::parse(key));
    return reader ? read_all(*reader) : "(absent)";
}

std::string ObjectStoreSuite::read_all(ObjectReader& reader) {
    std::string out;
    std::array<char, 4096> buffer{};
    while (const std::size_t n = reader.read_at(out.size(), std::as_writable_bytes(std::span(buffer))))
        out.append(buffer.data(), n);
    return out;
}

std::vector<std::string> ObjectStoreSuite::keys(std::string_view prefix, std::size_t limit) {
    std::vector<std::string> out;
    std::string cursor;
    while (true) {
        const ObjectPage page = store_.list(prefix, cursor, limit);
        EXPECT_LE(page.objects.size(), limit);
        for (const ObjectInfo& object : page.objects) out.push_back(object.key.str());
        if (!page.next) return out;
        EXPECT_EQ(page.objects.size(), limit) << "only the last page is short";
        cursor = *page.next;
    }
}

void ObjectStoreSuite::expect_time(Time actual, Time expected) const {
    const Duration tolerance(GetParam().injected_time ? 0 : 5'000);
    EXPECT_LE(std::chrono::abs(actual - expected), tolerance);
}

void ObjectStoreSuite::expect_error(ErrorKind kind, const std::function<void()>& call) {
    try {
        call();
        ADD_FAILURE() << "no Error(" << name(kind) << ")";
    } catch (const Error& error) {
        EXPECT_EQ(name(error.kind()), name(kind)) << error.what();
    }
}

}  // namespace fadeout::storage
