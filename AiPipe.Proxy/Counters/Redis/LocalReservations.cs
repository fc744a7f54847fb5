using AiPipe.Proxy.Ledger.Entries;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>
/// What this replica knows and Postgres does not: its calls in flight, and those on their way to the ledger. Redis has a copy of it;
/// whenever the two may differ, the replica is no member until it has told Redis everything anew (<c>RedisMembership</c>).
/// </summary>
/// <remarks>A change made while it is a member is sent to Redis by whoever made it; one made while it is not is remembered here.</remarks>
internal sealed class LocalReservations(TimeProvider clock)
{
    /// <summary>How long calls wait for a server that answers, but whose counters are not open yet.</summary>
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

    /// <summary>Null while Redis may not know everything.</summary>
    public Membership? Member { get { lock (_gate) return _member; } }

    /// <summary>How often this replica has lost its membership.</summary>
    public int Losses { get; private set; }

    public int Count { get { lock (_gate) return _calls.Count; } }

    /// <summary>The membership, waited for while joining goes on; null when Redis does not answer, or joining takes longer than that.</summary>
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

    /// <summary>Redis did not answer an attempt to join: nobody waits for the next.</summary>
    public void Away()
    {
        lock (_gate)
        {
            _isAway = _member is null;
            if (_isAway) _decided.TrySetResult();
        }
    }

    /// <summary>Redis did not answer, or no longer knows this membership.</summary>
    /// <returns>False when it was lost before.</returns>
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

    /// <summary>Returns when the membership is lost, or it is time to look after it again.</summary>
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

    /// <summary>Takes a call that Redis holds. False when what Redis held under that membership may be gone already.</summary>
    public bool TryAdd(LocalReservation call, Membership heldUnder)
    {
        lock (_gate)
        {
            if (_member != heldUnder) return false;
            _calls.Add(call.Id, call);
            return true;
        }
    }

    /// <summary>Takes a call whatever Redis holds.</summary>
    /// <returns>The membership under which Redis must be told; null when it will be told on joining.</returns>
    public Membership? Add(LocalReservation call)
    {
        lock (_gate)
        {
            _calls[call.Id] = call;
            return Changed(call.Id);
        }
    }

    /// <summary>Changes a call in flight; null when there is none of that id.</summary>
    public (LocalReservation Call, Membership? Tell)? Change(Guid id, Func<LocalReservation, LocalReservation> change)
    {
        lock (_gate)
        {
            if (!_calls.TryGetValue(id, out var call) || call.IsSettled) return null;
            _calls[id] = call = change(call);
            return (call, Changed(id));
        }
    }

    /// <summary>Removes a call that left nothing; null when there is none of that id in flight.</summary>
    public (LocalReservation Call, Membership? Tell)? Remove(Guid id)
    {
        lock (_gate)
        {
            if (!_calls.TryGetValue(id, out var call) || call.IsSettled) return null;
            _calls.Remove(id);
            return (call, Changed(id));
        }
    }

    /// <summary>Remembers that this replica books a call of a dead one. False when it does already.</summary>
    public bool TryAdopt(Guid id, Guid dead)
    {
        lock (_gate) return _adopted.TryAdd(id, dead);
    }

    /// <summary>Postgres has these entries.</summary>
    /// <returns>Whose calls they were, and the membership under which Redis must be told; null when it will be told on joining.</returns>
    public (ILookup<Guid, Guid> Owners, Membership? Tell) Written(Guid self, WrittenEntries written)
    {
        lock (_gate)
        {
            var owners = new List<(Guid Owner, Guid Id)>();
            foreach (var entry in written.Entries)
            {
                // An adopted call may be this replica's own as well: it was taken for dead, and lived.
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

    /// <summary>Redis has not been told these sums.</summary>
    /// <returns>As <see cref="Written"/>: joining may have gone by meanwhile.</returns>
    public Membership? NotTold(IReadOnlyList<DayTotal> totals)
    {
        lock (_gate)
        {
            if (_member is null) _unsent.Add(totals);
            return _member;
        }
    }

    /// <summary>A replica is dead, and all that it knew is in Postgres.</summary>
    /// <returns>The membership under which Redis must be told; null when it will be told on joining.</returns>
    public Membership? Forget(Guid dead)
    {
        lock (_gate)
        {
            if (_member is null) _unsent.Dead.Add(dead);
            return _member;
        }
    }

    /// <summary>Everything that Redis must know, from now on to be followed by what changes.</summary>
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

    /// <summary>Makes the replica a member, unless something changed since it was last asked: that must be told first.</summary>
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

    /// <summary>Joining failed half way: what was to be told stays to be told.</summary>
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
