using AiPipe.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace AiPipe.Tests.Support;

/// <summary>Starts the classes that take longest first: one of them, begun last, would keep a whole run waiting for it alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>Endings of class names, longest first.</summary>
    private static readonly string[] Long =
    [
        ".AccessibilityTests", ".KilledAppHostTests", ".GarnetCountersAgreeTests", ".CountersAgreeTests", ".FlatMemoryTests", ".GarnetOutageTests",
        ".RedisOutageTests", ".AppHostOnGarnetTests", ".AppHostTests", ".GarnetTroubleTests", ".RedisTroubleTests", ".SettingsReplicasTests",
        ".HostileSettingsTests", ".ReplicaStopTests", ".KilledReplicaTests", ".PostgresOutageTests", ".HostileTextTests", ".SignInPageTests",
        ".GarnetRateLimiterTests", ".ConsentTests", ".CookieKeysTests", ".PagesTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(static collection => PlaceOf(collection.TestCollectionDisplayName))];

    private static int PlaceOf(string name)
    {
        // Of a collection of one class it is "Test collection for AiPipe.Tests.Room.NameTests (id: …)".
        var type = name.Split(' ').FirstOrDefault(static word => word.StartsWith("AiPipe.Tests.", StringComparison.Ordinal)) ?? "";
        var place = Array.FindIndex(Long, ending => type.EndsWith(ending, StringComparison.Ordinal));
        return place < 0 ? Long.Length : place;
    }
}
