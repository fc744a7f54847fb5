using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// What this replica knows and Postgres does not: running calls and entries on their way to the ledger. Redis has a copy. Whenever the two
/// may differ, the replica is not a member until it has reported everything again (<c>RedisMembership</c>).
/// </summary>
/// <remarks>
/// The code that makes a change sends it to Redis while the replica is a member; otherwise the change is remembered here.
/// </remarks>
internal sealed class LocalReservations(TimeProvider clock)
{
    /// <summary>How long calls wait while the server responds but its counters are not open yet.</summary>
    private static readonly TimeSpan JoiningTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan JoinAgain = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, LocalReservation> _calls = [];
    private readonly Dictionary<Guid, Guid> _adopted = [];
    private PendingSync _unsent = new();
    private Membership? _member;
    private TaskCompletionSource _decided = NewSignal();
    private TaskCompletionSource _lost = NewSignal();
    private bool _isAway;
    private long _lostAt = clock.GetTimestamp();

    /// <summary>Null while Redis may lack something.</summary>
    public Membership? Member { get { lock (_gate) return _member; } }

    public int Losses { get; private set; }

    public int Count { get { lock (_gate) return _calls.Count; } }

    /// <summary>Waits while a join is in progress; null if Redis is unavailable or joining takes too long.</summary>
    public async ValueTask<Membership?> MemberAsync(CancellationToken cancellationToken)
    {
        Task decided;
        TimeSpan rest;
        lock (_gate)
        {
            if (_member is not null || _isAway) return _member;
            (decided, rest) = (_decided.Task, JoiningTimeout - clock.GetElapsedTime(_lostAt));
        }
        if (rest > TimeSpan.Zero) await Task.WhenAny(decided, Task.Delay(rest, clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return Member;
    }

    public void Away()
    {
        lock (_gate)
        {
            _isAway = _member is null;
            if (_isAway) _decided.TrySetResult();
        }
    }

    /// <summary>Redis did not respond or no longer knows this membership.</summary>
    /// <returns>False if it was lost before.</returns>
    public bool Lose(Membership member)
    {
        lock (_gate)
        {
            if (_member != member) return false;
            _member = null;
            _lostAt = clock.GetTimestamp();
            Losses++;
            _decided = NewSignal();
            _lost.TrySetResult();
            return true;
        }
    }

    public async Task WaitAsync(TimeSpan beat, CancellationToken cancellationToken)
    {
        Task lost;
        lock (_gate)
        {
            if (_member is null && !_isAway) beat = JoinAgain;
            lost = _member is null ? Task.Delay(beat, clock, cancellationToken) : _lost.Task;
        }
        await Task.WhenAny(lost, Task.Delay(beat, clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Adds a call that Redis has reserved. False if the reservation may be lost with that membership.</summary>
    public bool TryAdd(LocalReservation call, Membership heldUnder)
    {
        lock (_gate)
        {
            if (_member != heldUnder) return false;
            _calls.Add(call.Id, call);
            return true;
        }
    }

    /// <summary>Adds a call that Redis may not have reserved.</summary>
    /// <returns>The membership under which to update Redis; null if the next join does it.</returns>
    public Membership? Add(LocalReservation call)
    {
        lock (_gate)
        {
            _calls[call.Id] = call;
            return Changed(call.Id);
        }
    }

    public (LocalReservation Call, Membership? Tell)? Change(Guid id, Func<LocalReservation, LocalReservation> change)
    {
        lock (_gate)
        {
            if (!_calls.TryGetValue(id, out var call) || call.IsSettled) return null;
            _calls[id] = call = change(call);
            return (call, Changed(id));
        }
    }

    public (LocalReservation Call, Membership? Tell)? Remove(Guid id)
    {
        lock (_gate)
        {
            if (!_calls.TryGetValue(id, out var call) || call.IsSettled) return null;
            _calls.Remove(id);
            return (call, Changed(id));
        }
    }

    /// <summary>Remembers that this replica charges a call of a dead one. False if it already does.</summary>
    public bool TryAdopt(Guid id, Guid dead)
    {
        lock (_gate) return _adopted.TryAdd(id, dead);
    }

    /// <summary>Postgres has these entries.</summary>
    /// <returns>The owners of the calls, and the membership under which to update Redis; null if the next join does it.</returns>
    public (ILookup<Guid, Guid> Owners, Membership? Tell) Written(Guid self, WrittenEntries written)
    {
        lock (_gate)
        {
            var owners = new List<(Guid Owner, Guid Id)>();
            foreach (var entry in written.Entries)
            {
                // An adopted call may also be this replica's own: the replica was declared dead but is alive.
                if (_adopted.Remove(entry.Id, out var dead)) owners.Add((dead, entry.Id));
                if (_calls.Remove(entry.Id)) owners.Add((self, entry.Id));
            }
            if (_member is null)
            {
                _unsent.Add(written.Totals);
                foreach (var (owner, id) in owners) if (owner == self) _unsent.Calls.Add(id);
            }
            return (owners.ToLookup(pair => pair.Owner, pair => pair.Id), _member);
        }
    }

    /// <summary>These sums could not be sent to Redis.</summary>
    /// <returns>As <see cref="Written"/>: a join may have finished in the meantime.</returns>
    public Membership? NotTold(IReadOnlyList<DayTotal> totals)
    {
        lock (_gate)
        {
            if (_member is null) _unsent.Add(totals);
            return _member;
        }
    }

    public Membership? Forget(Guid dead)
    {
        lock (_gate)
        {
            if (_member is null) _unsent.Dead.Add(dead);
            return _member;
        }
    }

    /// <summary>A snapshot of everything that Redis must know; later changes are collected.</summary>
    public (IReadOnlyList<LocalReservation> Calls, PendingSync Other) Begin()
    {
        lock (_gate)
        {
            var rest = _unsent;
            rest.Calls.Clear();
            _unsent = new();
            return ([.. _calls.Values], rest);
        }
    }

    /// <summary>Makes the replica a member, unless something changed since the snapshot: that must be sent first.</summary>
    public bool TryFinish(Membership member, out IReadOnlyList<LocalReservation> calls, out PendingSync rest)
    {
        lock (_gate)
        {
            (rest, _unsent) = (_unsent, new());
            calls = [.. rest.Calls.Where(_calls.ContainsKey).Select(id => _calls[id])];
            if (!rest.IsEmpty) return false;
            _member = member;
            _lost = NewSignal();
            _isAway = false;
            _decided.TrySetResult();
            return true;
        }
    }

    public void PutBack(PendingSync rest)
    {
        lock (_gate)
        {
            _unsent.Add([.. rest.Totals.Values]);
            _unsent.Dead.UnionWith(rest.Dead);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Membership? Changed(Guid id)
    {
        if (_member is null) _unsent.Calls.Add(id);
        return _member;
    }
}
