#include "base/byte_stream.h"

#include <gtest/gtest.h>

namespace fadeout {
namespace {

std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string read(ByteSource& source, std::uint64_t offset, std::size_t size) {
    std::vector<std::byte> out(size);
    return text_of(Bytes(out).first(source.read_at(offset, out)));
}

TEST(MemorySource, ReadsAnywhere) {
    MemorySource source("0123456789");
    EXPECT_EQ(source.size(), 10u);
    EXPECT_TRUE(source.seekable());
    EXPECT_EQ(read(source, 0, 4), "0123");
    EXPECT_EQ(read(source, 8, 4), "89") << "as much as there is";
    EXPECT_EQ(read(source, 10, 4), "");
    EXPECT_EQ(read(source, UINT64_MAX, 4), "");
    EXPECT_EQ(read(source, 3, 0), "");
    EXPECT_EQ(MemorySource("").size(), 0u);
}

TEST(MemorySink, WritesAndPatches) {
    MemorySink sink;
    sink.write(as_bytes("....data"));
    sink.write(as_bytes(""));
    sink.write(as_bytes("more"));
    sink.patch(0, as_bytes("RIFF"));
    sink.patch(10, as_bytes("RE"));
    sink.patch(12, as_bytes(""));
    EXPECT_EQ(text_of(sink.data()), "RIFFdatamoRE");
    EXPECT_GE(sink.patchable_bytes(), sink.data().size());
    EXPECT_EQ(text_of(sink.take()), "RIFFdatamoRE");
}

}  // namespace
}  // namespace fadeout
