#include <array>

#include "base/ids.h"
#include "storage/arguments.h"

namespace fadeout::storage {

namespace {

ObjectInfo write_object(ObjectStore& store, const Key& key, std::string_view text) {
    const auto writer = store.create(key, {});
    writer->write(as_bytes(text));
    return writer->commit();
}

void expect(bool as_it_should, const std::string& otherwise) {
    if (!as_it_should) throw Error(ErrorKind::internal, "The store does not work: " + otherwise);
}

}  // namespace

void check_round_trip(ObjectStore& store) {
    const Key key = Key::parse("temp-audio/fadeout-check-" + make_uuid() + ".txt");
    const ObjectInfo first = write_object(store, key, "one");
    const ObjectInfo second = write_object(store, key, "two");
    const auto reader = store.open(key);
    expect(reader != nullptr, "an object that was just written is not there.");
    std::array<std::byte, 8> bytes{};
    const std::size_t n = reader->read_at(0, bytes);
    expect(n == 3 && bytes[1] == std::byte{'w'}, "an object reads back with other bytes.");
    expect(first.etag != second.etag,
           "a replaced object keeps its ETag. Its file system stores times too coarsely; use ext4, XFS, "
           "Btrfs or ZFS.");
    expect(store.list(key.str(), {}, 1).objects.size() == 1,
           "an object that was just written is not listed.");
    const auto removed = store.remove(std::span(&key, 1));
    if (removed.front().error) throw *removed.front().error;
    expect(!store.head(key), "a removed object is still there.");
}

}  // namespace fadeout::storage
