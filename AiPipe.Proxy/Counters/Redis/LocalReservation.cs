using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Counters.Redis;

/// <summary>A call of this replica that Postgres does not have yet.</summary>
/// <param name="Reserved">The reservation while the call runs.</param>
/// <param name="Cost">The minimum cost while the call runs, then the final cost.</param>
/// <param name="IsAdjustment">Not a call, but an administrator's change of a sum.</param>
internal sealed record LocalReservation(
    Guid Id, IReadOnlyList<string> Scopes, DateOnly Day, PicoUsd Reserved, PicoUsd Cost, bool IsSettled, bool IsAdjustment = false);

/// <summary>This replica's registration with the server.</summary>
/// <param name="Epoch">The lifetime of the server's counters; data of other epochs is invalid.</param>
/// <param name="Token">New at every join: late commands with an earlier token have no effect.</param>
internal sealed record Membership(string Epoch, string Token);
