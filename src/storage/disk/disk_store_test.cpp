#include "storage/disk/disk_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/test_folder.h"
#include "storage/arguments.h"
#include "storage/disk/store_error.h"
#include "storage/disk/test_other_user.h"

namespace fadeout::storage {
namespace {

namespace fs = std::filesystem;

constexpr Time start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(15)};

class DiskStoreTest : public testing::Test {
  protected:
    DiskOptions options() const {
        return {folder_.file("objects"),
                "audio",
                "https://audio.example.org/below",
                {"FADEKEY", "secret", {}},
                "eu-1"};
    }
    fs::path path(const std::string& key) const { return folder_.path() / "objects/audio" / key; }

    ObjectInfo put(const std::string& key, std::string_view content,
                   const ObjectAttributes& attributes = {}) {
        const auto writer = store_.create(Key::parse(key), attributes);
        writer->write(as_bytes(content));
        return writer->commit();
    }
    void put_file(const std::string& name, std::string_view content) const {
        fs::create_directories(path(name).parent_path());
        std::ofstream(path(name)) << content;
    }
    std::vector<std::string> keys(std::string_view prefix = "") {
        std::vector<std::string> out;
        for (const ObjectInfo& object : store_.list(prefix, {}, 1000).objects)
            out.push_back(object.key.str());
        return out;
    }
    bool remove(const std::string& key) { return !store_.remove(std::vector{Key::parse(key)}).at(0).error; }
    /// Everything in the bucket, files and folders, but for the store's own folder.
    std::size_t names() const {
        std::size_t n = 0;
        for (const auto& entry : fs::recursive_directory_iterator(path("")))
            n += entry.path().filename() != ".unfinished";
        return n;
    }
    template <class Call>
    Error error_of(Call call) {
        try {
            call();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no Error";
        return Error(ErrorKind::internal, "");
    }

    const TestFolder folder_;
    ManualClock clock_{start};
    DiskStore store_{options(), clock_};
};

TEST_F(DiskStoreTest, AnObjectIsAPlainFile) {
    put("temp-audio/2026-11-20/x.wav", "RIFF");
    EXPECT_EQ(fs::file_size(path("temp-audio/2026-11-20/x.wav")), 4u);
    EXPECT_EQ(names(), 3u) << "one file in two folders: no sidecar where the key tells everything";
    const auto written = fs::last_write_time(path("temp-audio/2026-11-20/x.wav"));
    EXPECT_EQ(std::chrono::floor<Duration>(std::chrono::file_clock::to_sys(written)), start)
        << "ls tells its time";
    struct stat status {};
    ASSERT_EQ(::stat(path("temp-audio/2026-11-20/x.wav").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777 & 0027, 0u) << "not for everybody";
}

TEST_F(DiskStoreTest, AFileCopiedInIsAnObject) {
    put_file("music/a.flac", "fLaC");
    EXPECT_EQ(keys(), std::vector<std::string>{"music/a.flac"});
    const auto object = store_.open(Key::parse("music/a.flac"));
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(object->head().attributes.content_type, "audio/flac");
    EXPECT_EQ(object->size(), 4u);
    EXPECT_TRUE(remove("music/a.flac"));
    EXPECT_EQ(names(), 0u);
}

TEST_F(DiskStoreTest, ACopiedTreeKeepsItsAttributes) {
    const ObjectInfo info =
        put("a/x.bin", "bytes", {.content_type = "audio/x-own", .metadata = {{"pitch_id", "7"}}});
    ASSERT_EQ(std::system(("cp -a '" + folder_.file("objects") + "' '" + folder_.file("copy") + "'").c_str()),
              0);
    ASSERT_EQ(
        std::system(
            ("cd '" + folder_.path().string() + "' && mkdir tar && tar -c objects | tar -x -C tar").c_str()),
        0);
    for (const char* root : {"copy", "tar/objects"}) {
        DiskOptions copied = options();
        copied.root = folder_.file(root);
        DiskStore copy(copied, clock_);
        const auto head = copy.head(Key::parse("a/x.bin"));
        ASSERT_TRUE(head);
        EXPECT_EQ(head->attributes.content_type, "audio/x-own") << root;
        EXPECT_EQ(head->attributes.metadata.at("pitch_id"), "7") << root;
        EXPECT_EQ(head->info.etag == info.etag, std::string_view(root) == "copy")
            << "tar keeps whole seconds only";
    }
}

TEST_F(DiskStoreTest, AttributesOfAnotherFileDoNotApply) {
    put("a/x.mp3", "bytes", {.content_type = "audio/x-own", .metadata = {{"pitch_id", "7"}}});
    EXPECT_TRUE(fs::exists(path("a/x.mp3.fadeout-meta")));
    put_file("a/x.mp3", "another file");
    EXPECT_EQ(store_.head(Key::parse("a/x.mp3"))->attributes.content_type, "audio/mpeg");
    std::ofstream(path("a/x.mp3.fadeout-meta")) << "damaged";
    EXPECT_EQ(store_.head(Key::parse("a/x.mp3"))->attributes.content_type, "audio/mpeg");
    EXPECT_EQ(keys(), std::vector<std::string>{"a/x.mp3"}) << "the sidecar is no object";
    EXPECT_TRUE(remove("a/x.mp3"));
    EXPECT_EQ(names(), 0u) << "the sidecar goes with its object";
}

TEST_F(DiskStoreTest, SidecarsWithoutObjectAreFound) {
    put("a/b/crashed.mp3", "x", {.content_type = "audio/x-own", .metadata = {}});
    put("a/kept.mp3", "x", {.content_type = "audio/x-own", .metadata = {}});
    fs::remove(path("a/b/crashed.mp3"));
    EXPECT_EQ(store_.remove_unfinished(start), 0u) << "not older: its object may be on the way";
    EXPECT_EQ(store_.remove_unfinished(start + Duration(1)), 1u);
    EXPECT_FALSE(fs::exists(path("a/b")));
    EXPECT_EQ(store_.head(Key::parse("a/kept.mp3"))->attributes.content_type, "audio/x-own");
}

TEST_F(DiskStoreTest, SymbolicLinksAreNotFollowed) {
    const TestFolder outside;
    std::ofstream(outside.path() / "secret.wav") << "secret";
    fs::create_directories(path("in"));
    fs::create_directory_symlink(outside.path(), path("out"));
    fs::create_symlink(outside.path() / "secret.wav", path("in/link.wav"));
    EXPECT_EQ(store_.open(Key::parse("out/secret.wav")), nullptr);
    EXPECT_EQ(store_.open(Key::parse("in/link.wav")), nullptr);
    EXPECT_TRUE(keys().empty());
    EXPECT_TRUE(keys("out/").empty());
    EXPECT_EQ(error_of([&] { put("out/new.wav", "x"); }).kind(), ErrorKind::conflict);
    EXPECT_TRUE(remove("out/secret.wav"));
    EXPECT_TRUE(remove("in/link.wav"));
    EXPECT_TRUE(fs::is_symlink(path("in/link.wav"))) << "no object, so not removed";
    put("in/link.wav", "own");
    EXPECT_EQ(fs::file_size(outside.path() / "secret.wav"), 6u)
        << "not written through the link, not removed";
    fs::create_symlink(outside.path() / "secret.wav", path("in/link.wav.fadeout-meta"));
    EXPECT_EQ(store_.head(Key::parse("in/link.wav"))->attributes.content_type, "audio/wav");
}

TEST_F(DiskStoreTest, OnlyFilesAreObjects) {
    fs::create_directories(path("folder.mp3/deep"));
    ASSERT_EQ(::mkfifo(path("pipe.mp3").c_str(), 0600), 0);
    put_file(".hidden.mp3", "x");
    put_file("bad\nname.mp3", "x");
    put_file("bad\\name.mp3", "x");
    EXPECT_EQ(store_.open(Key::parse("folder.mp3")), nullptr);
    EXPECT_EQ(store_.open(Key::parse("pipe.mp3")), nullptr) << "and does not wait for a writer";
    EXPECT_TRUE(keys().empty());
    EXPECT_TRUE(remove("folder.mp3"));
    EXPECT_TRUE(fs::exists(path("folder.mp3/deep")));
}

TEST_F(DiskStoreTest, KeysThatCannotBeFilesAreRefused) {
    put("a/b", "x");
    EXPECT_EQ(error_of([&] { put("a/b/c", "x"); }).kind(), ErrorKind::conflict);
    EXPECT_EQ(error_of([&] { put("a", "x"); }).kind(), ErrorKind::conflict);
    EXPECT_EQ(error_of([&] {
                  put("a", "x", {.content_type = "", .metadata = {{"m", "1"}}});
              }).kind(),
              ErrorKind::conflict);
    EXPECT_EQ(names(), 2u) << "nothing was left";
    EXPECT_FALSE(store_.head(Key::parse("a/b/c")));
    EXPECT_TRUE(remove("a/b/c"));
    EXPECT_EQ(error_of([&] { put(std::string(243, 'x'), "x"); }).kind(), ErrorKind::invalid);
    EXPECT_NO_THROW(put(std::string(242, 'x'), "x", {.content_type = "", .metadata = {{"m", "1"}}}));
    EXPECT_EQ(error_of([&] { put(std::string(256, 'x') + "/y", "x"); }).kind(), ErrorKind::invalid);
    EXPECT_FALSE(store_.head(Key::parse(std::string(300, 'x'))));
}

TEST_F(DiskStoreTest, FoldersGoWithTheirLastObject) {
    put("a/b/c/1", "x");
    put("a/b/2", "x");
    EXPECT_TRUE(remove("a/b/c/1"));
    EXPECT_FALSE(fs::exists(path("a/b/c")));
    EXPECT_TRUE(remove("a/b/2"));
    EXPECT_EQ(names(), 0u);
    EXPECT_TRUE(fs::exists(path("")));
    put("a/b/2", "x");
    EXPECT_EQ(keys(), std::vector<std::string>{"a/b/2"});
}

TEST_F(DiskStoreTest, AFolderThatVanishesMeanwhileIsMadeAgain) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                const std::string key = "day/hour/" + std::to_string(t);
                ASSERT_NO_THROW(put(key, "x", {.content_type = t % 2 ? "audio/x-own" : "", .metadata = {}}));
                ASSERT_TRUE(remove(key));
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(names(), 0u);
}

/// Is a thread of this process waiting for a lock on `folder`? From proc(5): "1: -> FLOCK ADVISORY WRITE PID
/// MAJ:MIN:INO".
bool somebody_waits_for(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return false;
    const std::string inode = ":" + std::to_string(status.st_ino) + " ";
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);)
        if (line.find("-> FLOCK") != std::string::npos && line.find(inode) != std::string::npos) return true;
    return false;
}

TEST_F(DiskStoreTest, WritersOfAttributesAndRemovalsTakeTurns) {
    put("a/k", "old");
    for (const bool removing : {false, true}) {
        Descriptor lock(::open(path("a").c_str(), O_RDONLY));
        ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
        std::atomic<bool> done{false};
        std::thread other([&] {
            removing ? void(remove("a/k"))
                     : void(put("a/k", "new", {.content_type = "audio/x-own", .metadata = {}}));
            done = true;
        });
        while (!done && !somebody_waits_for(path("a"))) std::this_thread::yield();
        EXPECT_FALSE(done);
        EXPECT_EQ(fs::exists(path("a/k.fadeout-meta")), removing);
        lock.close();
        other.join();
    }
    EXPECT_EQ(names(), 0u);
}

TEST_F(DiskStoreTest, WhatIsBeingWrittenIsNotSweptAway) {
    const auto writer = store_.create(Key::parse("long"), {});
    writer->write(as_bytes("still "));
    DiskStore other(options(), clock_);
    clock_.advance(std::chrono::hours(48));
    EXPECT_EQ(store_.remove_unfinished(clock_.now()), 0u);
    EXPECT_EQ(other.remove_unfinished(clock_.now()), 0u) << "nor by another process";
    writer->write(as_bytes("here"));
    EXPECT_EQ(writer->commit().size_bytes, 10u);
}

TEST_F(DiskStoreTest, ForeignFilesAmongTheUnfinishedStay) {
    std::ofstream(path(".unfinished/notes.txt")) << "x";
    EXPECT_EQ(store_.remove_unfinished(clock_.now() + std::chrono::hours(1)), 0u);
    EXPECT_TRUE(fs::exists(path(".unfinished/notes.txt")));
}

TEST_F(DiskStoreTest, ReadersOfferTheFileItself) {
    put("x.wav", "0123");
    const auto reader = store_.open(Key::parse("x.wav"));
    ASSERT_GE(reader->file_descriptor(), 0);
    std::array<char, 8> buffer{};
    EXPECT_EQ(::pread(reader->file_descriptor(), buffer.data(), buffer.size(), 1), 3);
}

TEST_F(DiskStoreTest, LinksAreMadeForThePublicUrl) {
    const std::string url =
        store_.presign(LinkMethod::get, Key::parse("a b/ü.mp3"), std::chrono::hours(1), {});
    EXPECT_EQ(url.substr(0, url.find('?')), "https://audio.example.org/below/objects/audio/a%20b/%C3%BC.mp3");
    EXPECT_NE(url.find("X-Amz-Credential=FADEKEY%2F20261120%2Feu-1%2Fs3%2Faws4_request"), std::string::npos)
        << url;
}

TEST_F(DiskStoreTest, RefusesToStartWithoutItsFolder) {
    DiskOptions bad = options();
    std::ofstream(folder_.path() / "file") << "x";
    bad.root = folder_.file("file");
    const Error error = error_of([&] { DiskStore(bad, clock_); });
    EXPECT_EQ(std::string_view(error.what()).find(folder_.path().string()), std::string_view::npos);
    bad = options();
    bad.bucket = "../x";
    EXPECT_EQ(error_of([&] { DiskStore(bad, clock_); }).kind(), ErrorKind::invalid);
    bad = options();
    bad.public_url = "audio.example.org";
    EXPECT_EQ(error_of([&] { DiskStore(bad, clock_); }).kind(), ErrorKind::invalid);
}

TEST_F(DiskStoreTest, F18_ErrorsNameNoPath) {
    put("a/b", "x");
    for (const Error& error : {error_of([&] { put("a/b/c", "x"); }), error_of([&] { put("a", "x"); })})
        EXPECT_EQ(std::string_view(error.what()).find(folder_.path().string()), std::string_view::npos)
            << error.what();
}

TEST_F(DiskStoreTest, AFolderThatMayNotBeWrittenIsTheOperatorsToMend) {
    ASSERT_EQ(::chmod(path(".unfinished").c_str(), 0555), 0);
    EXPECT_EQ(disk::failure_as_other_user([&] { store_.create(Key::parse("a.wav"), {}); }),
              ErrorKind::misconfigured);
}

TEST(StoreError, TellsWhatWaitingMendsFromWhatItDoesNot) {
    EXPECT_EQ(disk::store_error(EROFS, "write").kind(), ErrorKind::misconfigured);
    EXPECT_EQ(disk::store_error(EIO, "write").kind(), ErrorKind::unavailable);
    EXPECT_EQ(disk::store_error(ESTALE, "write").kind(), ErrorKind::unavailable);
    EXPECT_EQ(disk::store_error(ENOSPC, "write").kind(), ErrorKind::storage_full);
    EXPECT_EQ(disk::store_error(EINVAL, "write").kind(), ErrorKind::internal);
}

}  // namespace
}  // namespace fadeout::storage
