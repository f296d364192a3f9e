#pragma once
#include <hiredis/hiredis.h>

#include <memory>
#include <span>
#include <string_view>

namespace fadeout::jobs::redis {

struct FreeReply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};

/// An answer of the server, with everything in it; never null.
using Reply = std::unique_ptr<redisReply, FreeReply>;

inline bool is_error(const redisReply& reply) {
    return reply.type == REDIS_REPLY_ERROR;
}
inline bool is_nil(const redisReply& reply) {
    return reply.type == REDIS_REPLY_NIL;
}
/// Of a string, a status or an error; empty for everything else.
inline std::string_view text(const redisReply& reply) {
    return reply.str ? std::string_view(reply.str, reply.len) : std::string_view();
}
/// Of an array; empty for everything else.
inline std::span<redisReply* const> elements(const redisReply& reply) {
    return {reply.element, reply.type == REDIS_REPLY_ARRAY ? reply.elements : 0};
}

}  // namespace fadeout::jobs::redis
