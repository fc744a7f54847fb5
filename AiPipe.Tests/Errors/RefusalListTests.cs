using System.Reflection;
using AiPipe.Proxy.Errors;
using AiPipe.Tests.Documents;

namespace AiPipe.Tests.Errors;

public class RefusalListTests
{
    [Fact]
    public void Every_refusal_has_a_code_of_its_own_which_the_manual_lists_under_its_status()
    {
        var rows = Document.Use.Prose.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToList();
        var refusals = typeof(Refusal).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.ReturnType == typeof(Refusal)).Select(Call).ToList();

        Assert.NotEmpty(refusals);
        Assert.Equal(refusals.Count, refusals.DistinctBy(refusal => refusal.Code).Count());
        foreach (var refusal in refusals)
            Assert.Contains(rows, row => row.Split('|')[1].Contains($"{refusal.Status}") && row.Contains($"`{refusal.Code}`"));
    }

    private static Refusal Call(MethodInfo method) => (Refusal)method.Invoke(null,
        [.. method.GetParameters()
            .Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : "")])!;
}
