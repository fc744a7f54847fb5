using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// The order of attempts: by priority, then random by weight. For session affinity, the random numbers derive from a key by weighted
/// rendezvous hashing: a key selects the same target in every replica, and adding or removing a target moves only that target's keys.
/// </summary>
internal static class TargetOrder
{
    /// <param name="stick">The session affinity key; <c>null</c> = random.</param>
    public static IReadOnlyList<RouteTarget> Create(IReadOnlyList<RouteTarget> targets, string? stick) =>
        targets.Count == 1 ? targets : Create(targets, target => stick is null ? Random.Shared.NextDouble() : LotOf(stick, target.Key));

    /// <summary>Sorts by <c>-ln(lot) / weight</c>, with lots in (0, 1): a target is first as often as its share of the weights.</summary>
    public static IReadOnlyList<RouteTarget> Create(IReadOnlyList<RouteTarget> targets, Func<RouteTarget, double> lotOf) =>
    [
        .. targets.Where(target => target.Weight > 0)
            .Select(target => (Target: target, Place: -Math.Log(1 - lotOf(target)) / target.Weight))
            .OrderByDescending(drawn => drawn.Target.Priority).ThenBy(drawn => drawn.Place)
            .Select(drawn => drawn.Target),
    ];

    /// <summary>Uniform in [0, 1).</summary>
    private static double LotOf(string stick, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{stick}\n{key}"));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
