#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"
#include "jobs/memory/memory_job_queue.h"
#include "records/memory/memory_record_store.h"
#include "service/services.h"
#include "service/test_doubles.h"
#include "storage/memory/memory_store.h"

// For tests: a real server on a loopback port, its services on memory backends.
namespace fadeout::http {

/// A door that a test holds shut while somebody waits before it.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    /// Waits until it is open; false once `stop` is requested.
    bool pass(std::stop_token stop) {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        const bool opened = changed_.wait(lock, stop, [this] { return open_; });
        --waiting_;
        if (!opened) ++stopped_;
        changed_.notify_all();
        return opened;
    }
    void wait_for_waiting(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= count; });
    }
    /// Until so many were told to stop.
    void wait_for_stopped(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ >= count; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool open_ = false;
    int waiting_ = 0;
    int stopped_ = 0;
};

/// Speaks a text that begins with "wait" only when the gate is open.
class GatedSynthesizer final : public speech::Synthesizer {
  public:
    Gate gate;
    const std::vector<speech::Voice>& voices() const override { return inner_.voices(); }
    int sample_rate_hz(const std::string& voice_id) const override { return inner_.sample_rate_hz(voice_id); }
    void speak(const std::string& text, const std::string& voice_id, const speech::OnPcm& on_pcm,
               std::stop_token stop) override {
        if (text.starts_with("wait") && !gate.pass(stop)) throw Error(ErrorKind::cancelled, "Cancelled");
        inner_.speak(text, voice_id, on_pcm, stop);
    }
    void check() override {}

  private:
    service::CountingSynthesizer inner_;
};

/// All services on `own_store`, or on memory where none is given. Links are signed with credentials().
struct TestServices {
    static constexpr std::uint64_t max_upload_bytes = 8 << 20;
    static constexpr const char* public_url = "http://media.test";
    static aws::Credentials credentials() { return {"test-key", "test-secret", {}}; }

    explicit TestServices(std::unique_ptr<storage::ObjectStore> own_store = nullptr)
        : store(own_store
                    ? std::move(own_store)
                    : std::make_unique<storage::MemoryStore>(
                          clock, storage::MemoryOptions{"media", public_url, credentials(), "us-east-1"})) {}

    SystemClock clock;
    std::unique_ptr<storage::ObjectStore> store;
    records::MemoryRecordStore records{clock};
    jobs::MemoryJobQueue queue{clock};
    GatedSynthesizer synthesizer;
    service::Speech speech{synthesizer, *store, records, clock, {}};
    service::Sources sources{*store, clock, credentials(), public_url, net::AddressPolicy(), {}};
    service::Transcode transcode{*store, sources, clock, {}};
    service::Process process{*store, transcode, nullptr, clock, [](Severity, const std::string&) {}};
    service::Objects objects{*store, clock, credentials(), public_url, "us-east-1", max_upload_bytes};
    service::ResignedLinks resigned_links{public_url, credentials(), clock};
    service::Jobs jobs{queue, {service::transcode_job(transcode), service::speak_job(speech)}};
    service::Cleanup cleanup{*store, records, clock, {}};
    service::Report report{*store,
                           {{*store, std::nullopt}},
                           queue,
                           clock,
                           cleanup::TemporaryPrefixes({"temp-audio/", "processed-audio/"})};
    service::Metrics metrics{"test"};
    service::Services services{.clock = clock,
                               .speech = speech,
                               .sources = sources,
                               .transcode = transcode,
                               .process = process,
                               .objects = objects,
                               .resigned_links = resigned_links,
                               .jobs = jobs,
                               .cleanup = cleanup,
                               .report = report,
                               .metrics = metrics,
                               .store = *store,
                               .records = records,
                               .synthesizer = synthesizer,
                               .upload_link_expiry = std::chrono::hours(1)};

    void put(std::string_view key, std::string_view bytes, const std::string& content_type = {}) {
        const auto writer = store->create(storage::Key::parse(key), {content_type, {}});
        writer->write(as_bytes(bytes));
        writer->commit();
    }
    /// "" where there is none.
    std::string get(std::string_view key) {
        const auto reader = store->open(storage::Key::parse(key));
        std::string bytes(reader ? reader->head().info.size_bytes : 0, '\0');
        std::size_t done = 0;
        while (done < bytes.size())
            done += reader->read_at(done, std::as_writable_bytes(std::span(bytes).subspan(done)));
        return bytes;
    }
    /// Path and query of a signed link.
    std::string link(storage::LinkMethod method, std::string_view key,
                     const storage::LinkOptions& options = {}) {
        const std::string url =
            store->presign(method, storage::Key::parse(key), std::chrono::minutes(1), options);
        return url.substr(std::string_view(public_url).size());
    }
};

/// Runs while it lives.
class TestServer {
  public:
    explicit TestServer(TestServices& services, ServerOptions options = {})
        : server_(quick(std::move(options)), services.services), thread_([this] { server_.run(); }) {}
    ~TestServer() { stop(); }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::uint16_t port() const { return server_.port(); }
    void begin_stop() { server_.stop(); }
    /// And waits until it has left.
    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

  private:
    static ServerOptions quick(ServerOptions options) {
        options.io_threads = 2;
        options.limits.tick = Duration(10);
        options.limits.event_interval = Duration(5);
        return options;
    }

    Server server_;
    std::thread thread_;
};

}  // namespace fadeout::http
