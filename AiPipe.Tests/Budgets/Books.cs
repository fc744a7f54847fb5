using System.Text;
using AiPipe.Proxy.Budgets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiPipe.Tests.Budgets;

/// <summary>Budget books as they are read from a file.</summary>
internal static class Books
{
    /// <summary>The book of a section <c>AiPipe</c>.</summary>
    public static BudgetResolver Create(string json)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{"AiPipe":{{json}}}""")));
        builder.AddBudgets();
        return builder.Build().Services.GetRequiredService<BudgetResolver>();
    }
}
