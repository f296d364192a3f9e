// s3_objects STORE make-bucket | put KEY FILE | get KEY FILE | fill COUNT PREFIX | remove PREFIX |
// delete-each PREFIX Does one thing with an S3 store, to be timed. Keys come from the environment.
#include <fcntl.h>
#include <sys/resource.h>

#include <cstdio>
#include <deque>
#include <future>
#include <iostream>

#include "base/file.h"
#include "storage/s3/s3_store.h"

namespace {

using namespace fadeout;
using namespace fadeout::storage;

void copy(ByteSource& from, ByteSink& to) {
    std::vector<std::byte> buffer(1 << 20);
    for (std::uint64_t offset = 0;;) {
        const std::size_t n = from.read_at(offset, buffer);
        if (n == 0) return;
        to.write(Bytes(buffer).first(n));
        offset += n;
    }
}

void put(S3Store& store, const std::string& key, const std::string& file) {
    const auto writer = store.create(Key::parse(key), {});
    FileSource source(file);
    copy(source, *writer);
    writer->commit();
}

void get(S3Store& store, const std::string& key, const std::string& file) {
    const auto reader = store.open(Key::parse(key));
    // Not a FileSink: that waits for the disk, which rclone does not.
    StreamSink sink(Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)));
    copy(*reader, sink);
}

void fill(S3Store& store, int count, const std::string& prefix) {
    constexpr int threads = 8;
    std::vector<std::future<void>> writers;
    for (int t = 0; t < threads; ++t)
        writers.push_back(std::async(std::launch::async, [&store, &prefix, t, count] {
            for (int i = t; i < count; i += threads)
                store.create(Key::parse(prefix + std::to_string(i)), {})->commit();
        }));
    for (auto& writer : writers) writer.get();
}

void remove(S3Store& store, const std::string& prefix, std::size_t at_once) {
    std::string cursor;
    while (true) {
        const ObjectPage page = store.list(prefix, cursor, at_once);
        std::vector<Key> keys;
        for (const ObjectInfo& object : page.objects) keys.push_back(object.key);
        for (const RemoveResult& result : store.remove(keys))
            if (result.error) throw *result.error;
        if (!page.next) return;
        cursor = *page.next;
    }
}

int run(const std::vector<std::string>& arguments) {
    const SystemClock clock;
    S3Options options;
    options.location = parse_s3_url(arguments.at(0));
    const auto keys = aws::environment_credentials(aws::process_environment());
    options.credentials = std::make_shared<aws::StaticCredentials>(keys.value().keys);
    S3Store store(options, clock);
    const std::string& what = arguments.at(1);
    if (what == "make-bucket")
        s3::Client(options, clock).require({"PUT", {}}, "make the bucket");
    else if (what == "put")
        put(store, arguments.at(2), arguments.at(3));
    else if (what == "get")
        get(store, arguments.at(2), arguments.at(3));
    else if (what == "fill")
        fill(store, std::stoi(arguments.at(2)), arguments.at(3));
    else if (what == "remove")
        remove(store, arguments.at(2), 1000);
    else if (what == "delete-each")
        remove(store, arguments.at(2), 1);
    else
        return 2;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::printf("%ld MiB\n", usage.ru_maxrss / 1024);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
