#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "base/test_folder.h"

namespace fadeout {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
  protected:
    std::string path(const std::string& name) const { return folder_.file(name); }
    void put(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }
    std::string get(const std::string& name) const {
        std::ifstream file(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator(folder_.path()))
            all.push_back(entry.path().filename());
        return all;
    }

    TestFolder folder_;
};

std::string read(ByteSource& source, std::uint64_t offset, std::size_t count) {
    std::string out(count, '\0');
    out.resize(source.read_at(offset, std::as_writable_bytes(std::span(out))));
    return out;
}

ErrorKind kind_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "no error";
    return ErrorKind::internal;
}

TEST_F(Files, ASourceReadsAtAnyOffset) {
    put("a", "0123456789");
    FileSource source(path("a"));
    EXPECT_EQ(source.size(), 10u);
    EXPECT_TRUE(source.seekable());
    EXPECT_EQ(read(source, 7, 10), "789");
    EXPECT_EQ(read(source, 0, 3), "012");
    EXPECT_EQ(read(source, 10, 3), "");
    EXPECT_EQ(read(source, 1000, 3), "");
}

TEST_F(Files, WhatCannotBeOpenedIsAnErrorWithoutItsPathInPublic) {
    EXPECT_EQ(kind_of([&] { open_input(path("none")); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { open_input(folder_.path().string()); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { open_output(folder_.path().string()); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { open_output(path("none/x")); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { open_output(path("none/")); }), ErrorKind::invalid);
    try {
        open_input(path("none"));
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("none")));
        EXPECT_THAT(error.detail(), testing::HasSubstr("none"));
    }
}

TEST_F(Files, AStreamIsReadOnceFrontToBack) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "0123456789", 10), 10);
    ::close(ends[1]);
    StreamSource source{Descriptor(ends[0])};
    EXPECT_FALSE(source.seekable());
    EXPECT_EQ(source.size(), std::nullopt);
    EXPECT_EQ(read(source, 0, 3), "012");
    EXPECT_EQ(read(source, 5, 2), "56");
    EXPECT_EQ(kind_of([&] { read(source, 3, 1); }), ErrorKind::bad_source);
    EXPECT_EQ(read(source, 7, 10), "789");
    EXPECT_EQ(read(source, 10, 10), "");
    EXPECT_EQ(read(source, 99, 1), "");
}

TEST_F(Files, AStreamThatSendsNothingCanBeStopped) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Descriptor writer(ends[1]);
    std::stop_source stop;
    StreamSource source(Descriptor(ends[0]), stop.get_token());
    ASSERT_EQ(::write(ends[1], "ab", 2), 2);
    EXPECT_EQ(read(source, 0, 2), "ab");
    stop.request_stop();
    EXPECT_EQ(kind_of([&] { read(source, 2, 1); }), ErrorKind::cancelled);
}

TEST_F(Files, ASpoolFileGivesBackWhatWasWrittenAndHasNoName) {
    ASSERT_EQ(::setenv("TMPDIR", folder_.path().c_str(), 1), 0);
    SpoolFile spool;
    ::unsetenv("TMPDIR");
    spool.write(as_bytes("hello world"));
    spool.patch(0, as_bytes("HELLO"));
    EXPECT_TRUE(names().empty());
    FileSource source = spool.finish();
    EXPECT_EQ(read(source, 0, 99), "HELLO world");
}

TEST_F(Files, ASinkIsInvisibleUntilCommit) {
    {
        FileSink sink(path("out"));
        sink.write(as_bytes("hello world"));
        sink.patch(0, as_bytes("HELLO"));
        EXPECT_FALSE(fs::exists(path("out")));
        sink.commit();
        EXPECT_EQ(get("out"), "HELLO world");
    }
    EXPECT_EQ(get("out"), "HELLO world");
    EXPECT_THAT(names(), testing::ElementsAre("out"));
}

TEST_F(Files, ASinkThatIsDroppedLeavesNothingAndKeepsWhatWasThere) {
    put("out", "before");
    {
        FileSink sink(path("out"));
        sink.write(as_bytes("half of it"));
    }
    EXPECT_EQ(get("out"), "before");
    EXPECT_THAT(names(), testing::ElementsAre("out"));
}

TEST_F(Files, ReplacingKeepsPermissionsAndFollowsLinks) {
    put("real", "before");
    fs::permissions(path("real"), fs::perms::owner_read | fs::perms::owner_write);
    fs::create_symlink("real", path("link"));
    const auto sink = open_output(path("link"));
    sink->write(as_bytes("after"));
    sink->commit();
    EXPECT_EQ(get("real"), "after");
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(fs::status(path("real")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Files, ANewFileHasTheUsersOwnMode) {
    const mode_t before = ::umask(027);
    FileSink sink(path("out"));
    sink.commit();
    ::umask(before);
    EXPECT_EQ(static_cast<unsigned>(fs::status(path("out")).permissions()), 0640u);
}

TEST_F(Files, APipeIsWrittenToAndNotReplaced) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    const Descriptor reader(::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK));
    const auto sink = open_output(path("pipe"));
    EXPECT_EQ(sink->patchable_bytes(), 0u);
    sink->write(as_bytes("abc"));
    sink->commit();
    EXPECT_TRUE(fs::is_fifo(path("pipe")));
    char got[4] = {};
    EXPECT_EQ(::read(reader.get(), got, 4), 3);
    EXPECT_STREQ(got, "abc");
    EXPECT_EQ(kind_of([&] { sink->patch(0, as_bytes("x")); }), ErrorKind::internal);
    EXPECT_EQ(kind_of([&] { FileSink{path("pipe")}; }), ErrorKind::invalid);
    EXPECT_THAT(names(), testing::ElementsAre("pipe"));
}

TEST_F(Files, AFullDeviceIsStorageFull) {
    const auto sink = open_output("/dev/full");
    EXPECT_EQ(kind_of([&] { sink->write(as_bytes("x")); }), ErrorKind::storage_full);
}

}  // namespace
}  // namespace fadeout
