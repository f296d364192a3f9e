#include "fake_redis.h"

#include <hiredis/hiredis.h>

#include <array>
#include <memory>

#include "jobs/redis/reply.h"
#include "loopback.h"

namespace fadeout::jobs {

FakeRedis::FakeRedis(Answer answer)
    : answer_(std::move(answer)), listener_(listen_on_free_port(port_)), thread_([this] { serve(); }) {}

void FakeRedis::serve() {
    for (;;) {
        const Descriptor client(::accept(listener_.get(), nullptr, nullptr));
        if (!client) return;
        ++connections_;
        talk(client);
    }
}

/// A command looks like an answer that is an array of strings.
void FakeRedis::talk(const Descriptor& client) {
    const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(),
                                                                          redisReaderFree);
    std::array<char, 1 << 14> bytes;
    for (;;) {
        const ssize_t size = ::recv(client.get(), bytes.data(), bytes.size(), 0);
        if (size <= 0) return;
        redisReaderFeed(reader.get(), bytes.data(), static_cast<std::size_t>(size));
        for (void* next = nullptr; redisReaderGetReply(reader.get(), &next) == REDIS_OK && next;
             next = nullptr) {
            const redis::Reply command(static_cast<redisReply*>(next));
            std::vector<std::string> words;
            for (const redisReply* word : redis::elements(*command)) words.emplace_back(redis::text(*word));
            const std::string answer = answer_(words);
            if (answer.empty()) return;
            ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }
}

}  // namespace fadeout::jobs
