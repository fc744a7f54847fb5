-- POSTs one chat from many users in turn. Arguments: a path, a file of tokens (one a line), a file with the body, a port for each thread.
-- Prints its result as one line of JSON (times in microseconds).
local requests, turn, threads = {}, 0, 0

-- Runs once for each thread, before its init. Only setup can count threads; only init knows the arguments.
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  wrk.thread.addr = wrk.lookup("127.0.0.1", args[3 + number])[1]
  local body = io.open(args[3]):read("*a")
  for token in io.lines(args[2]) do
    requests[#requests + 1] = wrk.format("POST", args[1],
      { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token }, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"Requests":%d,"Errors":%d,"Duration":%d,"P50":%d,"P99":%d}\n', summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
