using AiPipe.Portal;

namespace AiPipe.Tests.Scenarios;

/// <summary>Which of our projects know which.</summary>
public sealed class ProjectReferenceTests
{
    [Fact]
    public void Portal_knows_the_api_by_its_contracts_alone() =>
        Assert.Equal(["AiPipe.Contracts", "AiPipe.ServiceDefaults"], OwnReferences(typeof(PortalExtensions)));

    [Fact]
    public void Contracts_know_nothing_of_ours_and_nothing_of_a_server()
    {
        Assert.Empty(OwnReferences(typeof(ContractJson)));
        Assert.DoesNotContain(typeof(ContractJson).Assembly.GetReferencedAssemblies(), static name =>
            name.Name!.StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    private static IEnumerable<string> OwnReferences(Type type) =>
        type.Assembly.GetReferencedAssemblies().Select(static name => name.Name!)
            .Where(static name => name.StartsWith("AiPipe.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
