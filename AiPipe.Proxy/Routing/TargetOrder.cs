using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Routing;

/// <summary>
/// In which order a call's targets are asked: the highest priority first, and among equals by lot, each with its weight. With a word
/// to stick to, the lot is drawn from that word (weighted rendezvous hashing): the same one falls on the same target in every replica,
/// and a target that comes or goes moves only the words that are its own.
/// </summary>
internal static class TargetOrder
{
    /// <summary>The order of those that have a weight.</summary>
    /// <param name="targets">A route's.</param>
    /// <param name="stick">What the caller sticks by; <c>null</c> = chance decides.</param>
    public static IReadOnlyList<RouteTarget> Create(IReadOnlyList<RouteTarget> targets, string? stick) =>
        targets.Count == 1 ? targets : Create(targets, target => stick is null ? Random.Shared.NextDouble() : LotOf(stick, target.Key));

    /// <summary>The order that lots between 0 and 1 give. <c>-ln(lot) / weight</c> is smallest as often as the weight's share is.</summary>
    public static IReadOnlyList<RouteTarget> Create(IReadOnlyList<RouteTarget> targets, Func<RouteTarget, double> lotOf) =>
    [
        .. targets.Where(target => target.Weight > 0)
            .Select(target => (Target: target, Place: -Math.Log(1 - lotOf(target)) / target.Weight))
            .OrderByDescending(drawn => drawn.Target.Priority).ThenBy(drawn => drawn.Place)
            .Select(drawn => drawn.Target),
    ];

    /// <summary>From 0 up to 1, evenly.</summary>
    private static double LotOf(string stick, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{stick}\n{key}"));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }
}
