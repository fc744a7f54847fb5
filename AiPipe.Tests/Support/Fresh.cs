using FsCheck;
using Microsoft.FSharp.Core;

namespace AiPipe.Tests.Support;

/// <summary>Properties of values that no run has seen before: another seed each time, which is told when one does not hold.</summary>
internal static class Fresh
{
    private const int MostRounds = 10;

    /// <summary>Checks, and checks again, until the values have been such that it proves something: no chance fails a test.</summary>
    /// <param name="config">How many values at a time.</param>
    /// <param name="property">What holds for all of them.</param>
    /// <param name="isProof">Whether there were enough of every kind by now.</param>
    /// <param name="tally">How many there were.</param>
    public static void Check(Config config, Property property, Func<bool> isProof, Func<string> tally)
    {
        var seeds = new List<ulong>();
        for (var round = 0; round < MostRounds; round++)
        {
            seeds.Add((ulong)Random.Shared.NextInt64());
            FsCheck.Check.One(config.WithReplay(new FSharpOption<Replay>(new Replay(new Rnd(seeds[^1]), size: null))), property);
            if (isProof()) return;
        }
        Assert.Fail($"{tally()}: too one-sided to prove anything. Seeds: {string.Join(", ", seeds)}.");
    }
}
