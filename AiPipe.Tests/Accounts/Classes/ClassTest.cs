using System.Globalization;
using System.Net;
using System.Text.Json;
using AiPipe.Tests.Accounts.Apps;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;

namespace AiPipe.Tests.Accounts.Classes;

/// <summary>A gateway with a teacher, and one beside it on the same database.</summary>
/// <param name="postgres">The server of their database.</param>
/// <param name="shared">
/// Where the tests of a class share both, each with a new teacher and student. Without it, each test starts its own.
/// </param>
public abstract class ClassTest(PostgresFixture postgres, SharedPair? shared = null) : IAsyncLifetime
{
    private readonly SharedPair _gateways = shared ?? new SharedPair(postgres);
    private readonly Guid _id = Guid.CreateVersion7();

    protected string Student => $"student-{_id:N}@example.com";
    protected string TeacherEmail => $"teacher-{_id:N}@staff.example";
    protected string Database => _gateways.Database;
    protected Gateway Here { get; private set; } = null!;
    protected Gateway There { get; private set; } = null!;
    protected string Teacher => Here.Token(TeacherEmail);
    protected string Admin => Here.Token("admin@example.com");
    protected static DateOnly Today => TestClock.UtcToday;

    protected virtual void Configure(Dictionary<string, string?> settings) { }

    public async ValueTask InitializeAsync()
    {
        (Here, There) = await _gateways.TakeAsync(settings =>
        {
            settings["AiPipe:Roles:@staff.example"] = "teacher";
            settings["AiPipe:Roles:other@example.com"] = "teacher";
            settings.AddBudget("*", 0.01m, 7);
            Configure(settings);
        });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (shared is null) await _gateways.DisposeAsync();
    }

    /// <summary>What a class is made of; change it with another's fields.</summary>
    protected static Dictionary<string, object?> Terms(decimal limit = 5, params (string Name, object? Value)[] changes)
    {
        var terms = new Dictionary<string, object?>
        {
            ["name"] = "Physics",
            ["starts_on"] = Today.ToString("O", CultureInfo.InvariantCulture),
            ["ends_on"] = Today.AddDays(30).ToString("O", CultureInfo.InvariantCulture),
            ["limit"] = limit,
        };
        foreach (var (name, value) in changes) terms[name] = value;
        return terms;
    }

    protected async Task<JsonElement> MakeAsync(Dictionary<string, object?>? terms = null, string? token = null)
    {
        using var response = await Here.SendAsync(HttpMethod.Post, "/classes", token ?? Teacher, terms ?? Terms());
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    protected async Task<JsonElement> EnrolAsync(JsonElement taught, string csv, string? token = null)
    {
        using var response = await Here.SendAsync(HttpMethod.Post, $"/classes/{taught.Text("id")}/roster", token ?? Teacher, new { csv });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    /// <summary>The code of a refusal; <c>null</c> when there is none.</summary>
    protected static async Task<string?> CodeAsync(Gateway gateway, HttpMethod method, string path, string token, object? body = null)
    {
        using var response = await gateway.SendAsync(method, path, token, body);
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }

    /// <summary>A call of a model; the code of its refusal, or <c>null</c>.</summary>
    protected static async Task<string?> CallAsync(Gateway gateway, string email, string model = "gpt-4o-mini", int tokens = 100)
    {
        using var response = await gateway.Http.SendAsync(gateway.Post("/openai/v1/chat/completions",
            $$"""{"model":"{{model}}","max_tokens":{{tokens}},"messages":[]}""", gateway.Token(email)));
        return response.IsSuccessStatusCode ? null : await response.CodeAsync();
    }

    protected async Task<string?> SourceAsync(string email) =>
        (await Here.GetJsonAsync($"/admin/people/{email}", Admin)).Text("source_of_budget");
}
