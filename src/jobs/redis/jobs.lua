-- Jobs in Redis. KEYS[1]: what all keys begin with. ARGV: the operation and its arguments. Redis runs a script as a
-- whole or not at all, so that after each run a job is in exactly those sorted sets that its state asks for.
-- Nothing here knows how states follow each other: that is decided in transitions.h by who calls.
--
--   job:ID          hash: the job, and `stamp`, which each write changes
--   keys            hash: idempotency key -> id
--   arrivals        counter: the order of arrival
--   due, due:TYPE   queued jobs by run_at, those of the same time by arrival
--   leased          leased jobs by lease_until
--   ended           all other jobs by updated_at
--   all, type:TYPE, state:STATE, state:STATE:TYPE    for lists and counts: by creation and id, as text
--   tenure:NAME     hash: who holds what only one may hold, and `stamp`, as of a job
--
-- Every operation may be sent twice, because the answer to the first may be lost: the second changes nothing more.

local call = redis.call

local function key(...)
    return KEYS[1] .. table.concat({...}, ':')
end

-- A number in such a form that it sorts as text.
local width = 19
local function wide(number)
    return string.rep('0', width - #number) .. number
end

local function id_in(member)
    return string.sub(member, width + 1)
end

local function load(id)
    return call('HGETALL', key('job', id))
end

-- The job that `member` of `set` stands for. Nothing where an eviction or a hand took it away; then the member goes, too.
local function load_member(set, member)
    local job = load(id_in(member))
    if #job > 0 then return job end
    call('ZREM', set, member)
    return nil
end

-- The sorted sets that a job is in: {set, score, member}. The first `lasting` stay the same as long as it lives.
local lasting = 2
local function places(id)
    local kind, state, created_at, arrival, run_at, lease_until, updated_at = unpack(call('HMGET', key('job', id),
        'type', 'state', 'created_at', 'arrival', 'run_at', 'lease_until', 'updated_at'))
    local created, arrived = wide(created_at) .. id, wide(arrival) .. id
    local found = {
        {key('all'), 0, created},
        {key('type', kind), 0, created},
        {key('state', state), 0, created},
        {key('state', state, kind), 0, created},
    }
    if state == 'queued' then
        table.insert(found, {key('due'), run_at, arrived})
        table.insert(found, {key('due', kind), run_at, arrived})
    elseif state == 'leased' then
        table.insert(found, {key('leased'), lease_until, arrived})
    else
        table.insert(found, {key('ended'), updated_at, arrived})
    end
    return found
end

local function leave(found, first)
    for i = first, #found do call('ZREM', found[i][1], found[i][3]) end
end

local function enter(found, first)
    for i = first, #found do call('ZADD', found[i][1], found[i][2], found[i][3]) end
end

local function add(arrival, idempotency_key, id, ...)
    call('HSET', key('job', id), 'arrival', arrival, ...)
    if idempotency_key ~= '' then call('HSET', key('keys'), idempotency_key, id) end
    enter(places(id), 1)
end

local operations = {}

-- 1: there is such a job now. 0: too many are queued. Otherwise the job that has this idempotency key or id already.
-- `...`: the fields. A write comes first: it is refused where memory is full, and whoever waits for the file after
-- an answer must have written something, also if the job is known.
function operations.insert(max_queued, idempotency_key, id, ...)
    local arrival = call('INCR', key('arrivals'))
    local known = idempotency_key ~= '' and call('HGET', key('keys'), idempotency_key) or id
    if call('EXISTS', key('job', known)) == 1 then return load(known) end
    if call('ZCARD', key('state', 'queued')) >= tonumber(max_queued) then return 0 end
    add(arrival, idempotency_key, id, ...)
    return 1
end

-- 1: the job was as it was read, under the stamp `expected`, and is now as the first `count` of `...` say, under
-- `stamp`; what comes after them, if anything, is a new job as insert() takes it. 0: it was not as it was read.
-- It leaves its places first, since Redis lets a script that has written go on when memory is full: what was
-- accepted can be worked off even then.
function operations.update(id, expected, stamp, count, ...)
    local present = call('HGET', key('job', id), 'stamp')
    if present == stamp then return 1 end
    if present ~= expected then return 0 end
    local given = {...}
    leave(places(id), lasting + 1)
    call('HSET', key('job', id), 'stamp', stamp, unpack(given, 1, count))
    enter(places(id), lasting + 1)
    if #given > tonumber(count) then add(call('INCR', key('arrivals')), unpack(given, count + 1)) end
    return 1
end

-- The job whose lease ran out first, or else the one of the types (none: any) that has been due longest, or nothing.
-- `skip`: so many longer due ones are left to others, if there are more.
function operations.find(now, skip, ...)
    local expired = call('ZRANGEBYSCORE', key('leased'), '-inf', now, 'LIMIT', 0, 1)[1]
    if expired then
        local job = load_member(key('leased'), expired)
        if job then return job end
        return operations.find(now, skip, ...)
    end
    local sets = {}
    for i, kind in ipairs({...}) do sets[i] = key('due', kind) end
    if #sets == 0 then sets[1] = key('due') end
    local found = {}
    for _, set in ipairs(sets) do
        local members = call('ZRANGEBYSCORE', set, '-inf', now, 'WITHSCORES', 'LIMIT', 0, skip + 1)
        for i = 1, #members, 2 do table.insert(found, {tonumber(members[i + 1]), members[i], set}) end
    end
    table.sort(found, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
    local chosen = found[math.min(skip + 1, #found)]
    if not chosen then return end
    local job = load_member(chosen[3], chosen[2])
    if job then return job end
    return operations.find(now, skip, ...)
end

-- Jobs, newest first, made before the one of `created_at` and `id` (empty: from the newest), up to `limit` or until
-- payloads and results have `max_bytes`, and one more.
function operations.page(state, kind, created_at, id, limit, max_bytes)
    local set = key('all')
    if state ~= '' then
        set = kind == '' and key('state', state) or key('state', state, kind)
    elseif kind ~= '' then
        set = key('type', kind)
    end
    local start = created_at == '' and '+' or '(' .. wide(created_at) .. id
    local jobs, bytes = {}, 0
    for _, member in ipairs(call('ZREVRANGEBYLEX', set, start, '-', 'LIMIT', 0, limit + 1)) do
        local job = key('job', id_in(member))
        table.insert(jobs, load_member(set, member))
        if bytes >= tonumber(max_bytes) then break end
        bytes = bytes + call('HSTRLEN', job, 'payload') + call('HSTRLEN', job, 'result')
    end
    return jobs
end

-- How many jobs are in each of the states.
function operations.counts(...)
    local counts = {}
    for i, state in ipairs({...}) do counts[i] = call('ZCARD', key('state', state)) end
    return counts
end

-- Forgets up to `limit` ended jobs that were last touched before `older_than`, the oldest first; says how many.
function operations.remove(older_than, limit)
    local ended = call('ZRANGEBYSCORE', key('ended'), '-inf', '(' .. older_than, 'LIMIT', 0, limit)
    for _, member in ipairs(ended) do
        local id = id_in(member)
        if load_member(key('ended'), member) then
            local idempotency_key = call('HGET', key('job', id), 'idempotency_key')
            leave(places(id), 1)
            if idempotency_key ~= '' then call('HDEL', key('keys'), idempotency_key) end
            call('UNLINK', key('job', id))
        end
    end
    return #ended
end

-- As update, of the tenure of this name; the stamp of one that was never written is ''.
function operations.store_tenure(name, expected, stamp, ...)
    local tenure = key('tenure', name)
    local present = call('HGET', tenure, 'stamp') or ''
    if present == stamp then return 1 end
    if present ~= expected then return 0 end
    call('HSET', tenure, 'stamp', stamp, ...)
    return 1
end

local arguments = {unpack(ARGV, 2)}
return operations[ARGV[1]](unpack(arguments))
