using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>A call of this replica that Postgres does not have yet.</summary>
/// <param name="Id">Also the ledger entry's.</param>
/// <param name="Scopes">The keys of the counters it is in.</param>
/// <param name="Day">The date that its cost counts on.</param>
/// <param name="Held">What it holds while it is in flight.</param>
/// <param name="Cost">While it is in flight, what it has cost at least; then what it cost.</param>
/// <param name="IsSettled">It has ended.</param>
/// <param name="IsAdjustment">It is none: an admin corrects a sum.</param>
internal sealed record LocalReservation(
    Guid Id, IReadOnlyList<string> Scopes, DateOnly Day, PicoUsd Held, PicoUsd Cost, bool IsSettled, bool IsAdjustment = false);

/// <summary>What the server knows this replica by.</summary>
/// <param name="Epoch">The life of the counters on the server; everything of another epoch is forgotten.</param>
/// <param name="Token">New at every joining: what was sent under an earlier one and arrives late does nothing.</param>
internal sealed record Membership(string Epoch, string Token);
