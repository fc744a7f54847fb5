using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AiPipe.Bench.Parts;

/// <summary>What a run asks a gateway besides its load.</summary>
internal static class GatewayClient
{
    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the Proxy is ready for calls: its database is there and up to date.</summary>
    public static async Task HealthyAsync(int port)
    {
        using var http = As(GatewaySettings.Admin, port);
        using var limit = new CancellationTokenSource(HealthLimit);
        while (true)
        {
            using var response = await http.GetAsync(new Uri("/health", UriKind.Relative), limit.Token);
            if (response.IsSuccessStatusCode) return;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Waits until its Postgres has the newest entry: everybody's usage is answered no earlier.</summary>
    public static async Task SettledAsync(int port)
    {
        using var http = As(GatewaySettings.Admin, port);
        using var limit = new CancellationTokenSource(SettleLimit);
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("/admin/usage", UriKind.Relative), limit.Token);
            if (answer.IsSuccessStatusCode) return;
        }
    }

    /// <summary>What its counters say of a user, in USD.</summary>
    public static async Task<(decimal Spent, decimal Held)> UsageAsync(int port, string email)
    {
        using var http = As(email, port);
        using var usage = JsonDocument.Parse(await http.GetStringAsync(new Uri("/usage", UriKind.Relative)));
        return (usage.RootElement.GetProperty("cost").GetDecimal(), usage.RootElement.GetProperty("held").GetDecimal());
    }

    /// <summary>A client with somebody's token.</summary>
    public static HttpClient As(string email, int port) => new()
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", GatewaySettings.Token(email)) },
    };
}
