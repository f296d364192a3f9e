#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "base/test_folder.h"
#include "storage/disk/disk_store.h"

namespace fadeout::storage {
namespace {

constexpr std::size_t space_bytes = 1 << 20;

/// Makes `folder` a file system of 1 MiB that only this process sees. Needs a privilege or a user namespace;
/// where the machine grants neither, no file may grow beyond 1 MiB instead, which fails in the same place.
void limit_space(const std::string& folder) {
    const bool own = ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    if (own && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("none", folder.c_str(), "tmpfs", 0, "size=1m") == 0)
        return;
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit { space_bytes, space_bytes };
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

std::optional<Error> error_of(const std::function<void()>& call) {
    try {
        call();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

/// In a child process: writes more than there is space for, then something small. The exit code says what was
/// wrong.
int fill_store(const std::string& folder) {
    limit_space(folder);
    const SystemClock clock;
    DiskStore store({folder, "audio", "http://localhost", {}, "us-east-1"}, clock);
    const std::string chunk(64 << 10, 'x');
    auto big = store.create(Key::parse("a/big.wav"), {});
    const auto write_all = [&] {
        for (std::size_t written = 0; written <= space_bytes; written += chunk.size())
            big->write(as_bytes(chunk));
    };
    const auto full = error_of(write_all);
    if (!full || full->kind() != ErrorKind::storage_full) return 1;
    if (std::string_view(full->what()).find(folder) != std::string_view::npos) return 2;
    if (!error_of([&] { big->commit(); })) return 3;
    big.reset();
    if (store.head(Key::parse("a/big.wav")) || !store.list("", {}, 1).objects.empty()) return 4;
    if (!std::filesystem::is_empty(folder + "/audio/.unfinished")) return 5;
    const auto writer = store.create(Key::parse("a/small.wav"), {});
    writer->write(as_bytes(std::string_view(chunk).substr(0, 1000)));
    writer->commit();
    return store.head(Key::parse("a/small.wav")) ? 0 : 6;
}

TEST(FullDisk, LeavesNothingHalfWrittenAndTheStoreGoesOn) {
    const TestFolder folder;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        int code = 7;
        try {
            code = fill_store(folder.path().string());
        } catch (...) {
        }
        ::_exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << "see fill_store()";
}

}  // namespace
}  // namespace fadeout::storage
