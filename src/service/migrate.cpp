#include "service/migrate.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/error.h"
#include "service/listing.h"
#include "service/replica.h"

namespace fadeout::service {

namespace {

/// Up to here an object is one PUT; beyond it a writer holds several parts.
constexpr std::uint64_t small_object_bytes = 8 << 20;
constexpr std::ptrdiff_t large_objects_at_a_time = 2;

/// Objects on their way from the thread that lists to those that copy: bounded, so that listing waits.
class Tasks {
  public:
    explicit Tasks(std::size_t capacity) : capacity_(capacity) {}

    void push(const storage::ObjectInfo& object) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return tasks_.size() < capacity_; });
        tasks_.push_back(object);
        changed_.notify_all();
    }
    /// Nothing once all were taken and no more come.
    std::optional<storage::ObjectInfo> pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !tasks_.empty() || is_closed_; });
        if (tasks_.empty()) return std::nullopt;
        storage::ObjectInfo object = std::move(tasks_.front());
        tasks_.pop_front();
        changed_.notify_all();
        return object;
    }
    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        changed_.notify_all();
    }

  private:
    const std::size_t capacity_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::deque<storage::ObjectInfo> tasks_;
    bool is_closed_ = false;
};

class Migration {
  public:
    Migration(storage::ObjectStore& from, storage::ObjectStore& to, const MigrateOptions& options,
              const MigrateObserver& observer, std::stop_token stop)
        : from_(from),
          to_(to),
          options_(options),
          observer_(observer),
          stop_(std::move(stop)),
          tasks_(2 * options.threads) {}

    MigrateSummary run() {
        const auto start = std::chrono::steady_clock::now();
        summary_.dry_run = options_.dry_run;
        summary_.missing_only = options_.missing_only;
        if (options_.count_first) count();
        {
            std::vector<std::jthread> workers;
            const auto closing =
                std::unique_ptr<Tasks, void (*)(Tasks*)>(&tasks_, [](Tasks* t) { t->close(); });
            for (std::size_t i = 0; i < options_.threads; ++i) workers.emplace_back([this] { work(); });
            list();
        }
        summary_.complete = !stop_.stop_requested();
        summary_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return summary_;
    }

  private:
    void count() {
        Listing source(from_);
        for (; source.peek() && !stop_.stop_requested(); source.pop()) {
            ++progress_.total_objects;
            progress_.total_bytes += source.peek()->size_bytes;
        }
    }

    /// Walks both stores side by side. What the lists tell needs no further look.
    void list() {
        Listing source(from_), destination(to_);
        while (const storage::ObjectInfo* object = source.peek()) {
            if (stop_.stop_requested()) return;
            const storage::ObjectInfo* copy = destination.peek();
            if (copy && copy->key < object->key) {
                ++summary_.only_in_destination;
                destination.pop();
                continue;
            }
            const bool is_there = copy && copy->key == object->key;
            if (is_there && (options_.missing_only || (copy->size_bytes == object->size_bytes &&
                                                       are_telling(copy->etag, object->etag))))
                note_same(*object);
            else
                tasks_.push(*object);
            if (is_there) destination.pop();
            source.pop();
        }
        summary_.left_out = source.left_out();
        for (; destination.peek(); destination.pop()) ++summary_.only_in_destination;
    }

    void work() {
        while (const auto object = tasks_.pop()) {
            if (stop_.stop_requested()) continue;
            const bool is_large = object->size_bytes > small_object_bytes;
            if (is_large) large_objects_.acquire();
            try {
                options_.dry_run ? judge(*object) : settle(*object);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::cancelled) note_failure(*object, error.what());
            } catch (const std::exception& error) {
                note_failure(*object, error.what());
            }
            if (is_large) large_objects_.release();
        }
    }

    void judge(const storage::ObjectInfo& object) {
        const Likeness likeness = compare(from_, object, to_, {.on_bytes = {}, .stop = stop_});
        if (likeness == Likeness::same) return note_same(object);
        const std::lock_guard lock(mutex_);
        ++summary_.copied;
        summary_.bytes += object.size_bytes;
        if (observer_.on_item)
            observer_.on_item(
                {object.key.str(), "copy", likeness == Likeness::missing ? "missing" : "different"});
        advance(object);
    }

    void settle(const storage::ObjectInfo& object) {
        if (options_.missing_only && to_.head(object.key)) return note_same(object);
        std::uint64_t written = 0;
        const auto note_bytes = [&](std::uint64_t bytes) {
            const std::lock_guard lock(mutex_);
            written += bytes;
            progress_.bytes += bytes;
            progress_.copied_bytes += bytes;
            if (observer_.on_progress) observer_.on_progress(progress_);
        };
        const Alike done =
            make_alike(from_, to_, object.key, WhenGone::remove_own, {.on_bytes = note_bytes, .stop = stop_});
        if (done == Alike::already) return note_same(object);
        const std::lock_guard lock(mutex_);
        done == Alike::copied ? ++summary_.copied : ++summary_.vanished;
        summary_.bytes += written;
        advance(object, written);
    }

    void note_same(const storage::ObjectInfo& object) {
        const std::lock_guard lock(mutex_);
        ++summary_.skipped;
        summary_.skipped_bytes += object.size_bytes;
        advance(object);
    }

    void note_failure(const storage::ObjectInfo& object, const std::string& reason) {
        const std::lock_guard lock(mutex_);
        ++summary_.failed;
        if (observer_.on_item) observer_.on_item({object.key.str(), "failed", reason});
        advance(object);
    }

    /// `counted`: bytes of it that the progress knows already.
    void advance(const storage::ObjectInfo& object, std::uint64_t counted = 0) {
        ++progress_.objects;
        progress_.bytes += object.size_bytes - std::min(counted, object.size_bytes);
        if (observer_.on_progress) observer_.on_progress(progress_);
    }

    storage::ObjectStore& from_;
    storage::ObjectStore& to_;
    const MigrateOptions& options_;
    const MigrateObserver& observer_;
    const std::stop_token stop_;
    Tasks tasks_;
    std::counting_semaphore<> large_objects_{large_objects_at_a_time};
    std::mutex mutex_;  // guards all below while workers run
    MigrateSummary summary_;
    MigrateProgress progress_;
};

}  // namespace

MigrateSummary migrate(storage::ObjectStore& from, storage::ObjectStore& to, const MigrateOptions& options,
                       const MigrateObserver& observer, std::stop_token stop) {
    return Migration(from, to, options, observer, std::move(stop)).run();
}

}  // namespace fadeout::service
