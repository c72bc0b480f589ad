/**
 * The functions that run inside of Redis (redis.io, "Redis functions"): what must be done whole.
 * Each touches only keys that it is given, all of one hash tag.
 */

/** In the names of library and functions: raised with every change, so that two live together. */
const version = 1

const nameOfFunction = (what: string): string => `sluice_${what}_${version}`

/** Names of the functions. */
export const feedbackFunctions = {
  commit: nameOfFunction('commit'),
  archive: nameOfFunction('archive'),
  outbox: nameOfFunction('outbox'),
  take: nameOfFunction('take'),
  sent: nameOfFunction('sent'),
  claim: nameOfFunction('claim'),
} as const

/**
 * Names of consumer groups and of their fields in the places; `.read` counts the records before.
 */
export const groupOf = { project: 'project', archive: 'archive' } as const

/**
 * What was accepted is counted also when the memory is full (`allow-oom`): new events are refused
 * then, and only a projector that gets on lets the log be trimmed.
 */
export const feedbackLibrary = `#!lua name=sluice_feedback_${version}
-- Moves a reader: its place, and the group that tools look at. '-1': the count is not known.
local function move(places, stream, group, to, count)
  local read = '-1'
  if count ~= '' then
    local at = redis.call('HMGET', places, group, group .. '.read')
    if not at[1] then read = count
    elseif at[2] and at[2] ~= '-1' then read = string.format('%d', at[2] + count) end
  end
  redis.call('HSET', places, group, to, group .. '.read', read)
  local set = redis.pcall('XGROUP', 'SETID', stream, group, to, 'ENTRIESREAD', read)
  if set.err then
    redis.pcall('XGROUP', 'CREATE', stream, group, to, 'MKSTREAM', 'ENTRIESREAD', read)
  end
end

-- Calls a command for args[from..to] in portions that Lua's stack has room for.
local function portions(command, key, args, from, to)
  for first = from, to, 1000 do
    redis.call(command, key, unpack(args, first, math.min(first + 999, to)))
  end
end

-- KEYS places, outbox, stream, hashes. ARGV from, to, records between ('' = not known), number of
-- sends, sends; then for each hash: twice the number of its puts, field and value of each, number
-- of deletions, fields. 1 = done, 0 = refused.
local function commit(keys, args)
  local at = redis.call('HGET', keys[1], 'project')
  if (at or '') ~= args[1] or redis.call('EXISTS', keys[2]) == 1 then return 0 end
  local sends = tonumber(args[4])
  portions('RPUSH', keys[2], args, 5, 4 + sends)
  local next = 5 + sends
  for k = 4, #keys do
    local puts = tonumber(args[next])
    portions('HSET', keys[k], args, next + 1, next + puts)
    next = next + puts + 1
    local gone = tonumber(args[next])
    portions('HDEL', keys[k], args, next + 1, next + gone)
    next = next + gone + 1
  end
  move(keys[1], keys[3], 'project', args[2], args[3])
  return 1
end

-- KEYS places, stream. ARGV to, place after which it was read, records between ('' = not known).
local function archive(keys, args)
  local at = redis.call('HGET', keys[1], 'archive')
  move(keys[1], keys[2], 'archive', args[1], (at or '') == args[2] and args[3] or '')
  return 1
end

-- KEYS places, outbox. ARGV first, last. The place of the commit that left it, then what it left.
local function outbox(keys, args)
  local left = redis.call('LRANGE', keys[2], args[1], args[2])
  table.insert(left, 1, redis.call('HGET', keys[1], 'project') or '')
  return left
end

-- KEYS stream. ARGV records.
local function take(keys, args)
  for i = 1, #args do redis.call('XADD', keys[1], '*', 'e', args[i]) end
  return #args
end

-- KEYS places, outbox. ARGV the place of the commit whose sends were appended: those of a later one
-- stay.
local function sent(keys, args)
  if (redis.call('HGET', keys[1], 'project') or '') ~= args[1] then return 0 end
  return redis.call('DEL', keys[2])
end

-- KEYS projectors. ARGV name, milliseconds of silence that end a claim. Answers who lives.
local function claim(keys, args)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local lost = tonumber(args[2])
  redis.call('HSET', keys[1], args[1], string.format('%d', now))
  local all = redis.call('HGETALL', keys[1])
  local living = {}
  for i = 1, #all, 2 do
    -- The clock of another server may be behind: who seems to be of the future is gone, too.
    if math.abs(now - all[i + 1]) <= lost then table.insert(living, all[i])
    else redis.call('HDEL', keys[1], all[i]) end
  end
  return living
end

redis.register_function{
  function_name = '${feedbackFunctions.commit}', callback = commit, flags = {'allow-oom'}}
redis.register_function{
  function_name = '${feedbackFunctions.archive}', callback = archive, flags = {'allow-oom'}}
redis.register_function{
  function_name = '${feedbackFunctions.outbox}', callback = outbox, flags = {'no-writes'}}
redis.register_function{
  function_name = '${feedbackFunctions.take}', callback = take, flags = {'allow-oom'}}
redis.register_function{
  function_name = '${feedbackFunctions.sent}', callback = sent, flags = {'allow-oom'}}
redis.register_function{
  function_name = '${feedbackFunctions.claim}', callback = claim, flags = {'allow-oom'}}
`
