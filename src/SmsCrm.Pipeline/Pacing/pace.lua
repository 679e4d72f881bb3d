-- Which messages of a batch may go now, by every token bucket that each of them needs.
-- Its pure twin is tests/SmsCrm.TestKit/BucketModel.cs; a property test holds one against the other.
--
-- A bucket is one number: the time (in microseconds) at which it would be exactly empty. Tokens = (now - empty_at) * rate,
-- at most `burst`. A message goes when each of its buckets holds its segments, or is full where the message is larger than
-- the bucket (which is then in debt). Marketing leaves `reserve` behind for transactional.
-- A missing bucket is empty now; but a tenant's marker says since when nothing of the tenant's was lost, and up to then its
-- buckets may have been in the largest debt: so a slow sender's debt outlives a loss of all data.
-- Once a message of a sender must wait, the later ones of that sender wait behind it: first in, first out, and
-- transactional ones behind their like only. The class of the recipient's carrier may have a bucket of its own for each sender: who waits
-- for that alone holds up its own class and nobody else.
--
-- KEYS   the buckets, then the tenants' markers
-- ARGV   1 burst in us; 2 reserve in us; 3 how long a bucket is kept, in ms; 4 now in us, or 0 for this server's own clock;
--        5 what a missing marker means: 'ask' (then nothing is done), 'debt' or 'none'; 6 the number of buckets;
--        then for each bucket its rate in segments per second and its tenant's marker (from 1);
--        then for each message: segments, 1 if transactional else 0, account's, tenant's and sender's bucket (from 1), and the bucket of
--        sender and carrier class, or 0 where there is none
-- Answers, for each message: 0 where it may go now, else in how many microseconds it may at the earliest, as a negative number where
-- it waits for its carrier class alone; or nothing where a marker is missing and the caller must say what that means.
local burst, reserve, keep, now = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local missing, buckets = ARGV[5], tonumber(ARGV[6])
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local largest_message = 20
local stored = redis.call('MGET', unpack(KEYS))
for k = buckets + 1, #KEYS do
  if not stored[k] then
    if missing == 'ask' then
      return {}
    end

    stored[k] = missing == 'debt' and string.format('%.0f', now) or '0'
    redis.call('SET', KEYS[k], stored[k])
  end
end

local empty_at, micros, is_new, is_spent, behind, behind_transactional = {}, {}, {}, {}, {}, {}
for i = 1, buckets do
  micros[i] = 1000000 / tonumber(ARGV[5 + 2 * i])
  is_new[i] = not stored[i]
  local debt = math.ceil(largest_message * micros[i])
  local at = tonumber(stored[i] or math.max(now, tonumber(stored[buckets + tonumber(ARGV[6 + 2 * i])]) + debt))
  -- Never further ahead than the largest debt: a clock that was set back must not stop a sender for as long.
  empty_at[i] = math.max(math.min(at, now + debt), now - burst)
  behind[i], behind_transactional[i] = 0, 0
end

-- How long until bucket i holds what the message needs.
local function wait_for(i, segments, is_transactional)
  local need = segments * micros[i]
  if not is_transactional then
    need = need + reserve
  end

  return empty_at[i] + math.min(need, burst) - now
end

-- With those in the line of bucket i before it; 0 where there is nothing to wait for.
local function with_line(wait, i, is_transactional)
  local ahead = behind_transactional[i]
  if not is_transactional then
    ahead = ahead + behind[i]
  end

  return (wait > 0 or ahead > 0) and math.max(wait, 1) + ahead or 0
end

local function join_line(i, segments, is_transactional)
  local line = is_transactional and behind_transactional or behind
  line[i] = line[i] + segments * micros[i]
end

local answers = {}
for m = 7 + 2 * buckets, #ARGV, 6 do
  local segments, is_transactional = tonumber(ARGV[m]), ARGV[m + 1] == '1'
  local sender, class = tonumber(ARGV[m + 4]), tonumber(ARGV[m + 5])
  local wait = 0
  for b = 2, 4 do
    wait = math.max(wait, wait_for(tonumber(ARGV[m + b]), segments, is_transactional))
  end

  wait = with_line(wait, sender, is_transactional)
  local class_wait = class > 0 and with_line(wait_for(class, segments, is_transactional), class, is_transactional) or 0
  if wait > 0 or class_wait > 0 then
    answers[#answers + 1] = wait > 0 and math.ceil(math.max(wait, class_wait)) or -math.ceil(class_wait)
    if wait > 0 then
      join_line(sender, segments, is_transactional)
    end

    if class > 0 then
      join_line(class, segments, is_transactional)
    end
  else
    answers[#answers + 1] = 0
    for b = 2, 5 do
      local i = tonumber(ARGV[m + b])
      if i > 0 then
        empty_at[i] = empty_at[i] + segments * micros[i]
        is_spent[i] = true
      end
    end
  end
end

for i = 1, buckets do
  if is_new[i] or is_spent[i] then
    redis.call('SET', KEYS[i], string.format('%.0f', math.ceil(empty_at[i])), 'PX', keep)
  end
end

return answers
