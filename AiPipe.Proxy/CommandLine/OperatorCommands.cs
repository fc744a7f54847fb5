using System.CommandLine;
using System.CommandLine.Invocation;
using AiPipe.Proxy.Data;
using AiPipe.Proxy.Journey.Authentication;
using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.CommandLine;

/// <summary>
/// What an operator runs beside a gateway, on the same configuration and database: <c>dotnet AiPipe.Proxy.dll sign-in-link</c>.
/// Access to the configuration is the authorization.
/// </summary>
internal static class OperatorCommands
{
    private const string DefaultAddress = "http://localhost:8787";
    private const string SignInLinkName = "sign-in-link";
    private const string WelcomeName = "welcome";
    private const string DemoTrafficName = "demo-traffic";
    private const string HealthName = "health";

    /// <summary>Whether the arguments name a command; otherwise they are configuration of the gateway itself.</summary>
    public static bool IsCommand(string[] args) => args is [SignInLinkName or WelcomeName or DemoTrafficName or HealthName or "--help" or "-h", ..];

    /// <summary>Runs a command.</summary>
    /// <returns>The exit code: 0, or 1 after an error in one line.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Action is ParseErrorAction error) error.ShowHelp = false;
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"{parsed.CommandResult.Command.Name} failed: {StartFailure.Describe(e)}");
            return 1;
        }
    }

    private static RootCommand Create()
    {
        var address = new Option<Uri>("--address")
        {
            Description = "The gateway's address as browsers and clients use it.",
            DefaultValueFactory = static _ => new Uri(DefaultAddress),
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https")) return uri;
                result.AddError($"--address {text} is not an http(s) address: write it like {DefaultAddress}.");
                return null;
            },
            Recursive = true,
        };
        var email = new Argument<string?>("email") { Description = "Whom the link signs in; the first administrator by default.", DefaultValueFactory = static _ => null };
        var calls = new Option<int>("--calls") { Description = "How many calls to send (1 to 500).", DefaultValueFactory = static _ => 24 };
        calls.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out var count) && count is >= 1 and <= DemoTraffic.MaxCalls))
                result.AddError($"--calls {text} must be a number from 1 to {DemoTraffic.MaxCalls}.");
        });

        var link = new Command(SignInLinkName, "Prints a one-time link that signs a person in, valid for a day.") { email };
        link.SetAction((parsed, cancellationToken) => RunAsync(services =>
            PrintLinkAsync(services, parsed.GetValue(email), parsed.GetValue(address)!, cancellationToken)));
        var welcome = new Command(WelcomeName, "Prints where the gateway is, which providers have keys, and how the first administrator signs in.");
        welcome.SetAction((parsed, cancellationToken) => RunAsync(async services =>
            await Console.Out.WriteAsync(await Welcome.CreateTextAsync(services, parsed.GetValue(address)!, cancellationToken))));
        var traffic = new Command(DemoTrafficName, "Sends calls of a few made-up people to the demo provider, to fill the charts of a new installation.") { calls };
        traffic.SetAction((parsed, cancellationToken) => RunAsync(services =>
            DemoTraffic.SendAsync(services, parsed.GetValue(address)!, parsed.GetValue(calls), cancellationToken)));
        var health = new Command(HealthName, "Exits with 0 when the gateway at the address is ready: for containers, whose image has no curl.");
        health.SetAction((parsed, cancellationToken) => CheckHealthAsync(parsed.GetValue(address)!, cancellationToken));

        return new RootCommand("AiPipe's gateway. Without a command it serves; its settings are in docs/operate.md.") { address, link, welcome, traffic, health };
    }

    private static async Task RunAsync(Func<IServiceProvider, Task> command)
    {
        // The gateway's services, on its configuration and database; nothing listens, and no background work starts.
        await using var app = Program.Build([], static builder => builder.Logging.ClearProviders());
        await app.Services.GetRequiredService<ChangeWatch>().CatchUpAsync(CancellationToken.None);
        await using var scope = app.Services.CreateAsyncScope();
        await command(scope.ServiceProvider);
    }

    private static async Task<int> CheckHealthAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(address, "/health"), cancellationToken);
        await Console.Out.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellationToken));
        return response.IsSuccessStatusCode ? 0 : 1;
    }

    private static async Task PrintLinkAsync(IServiceProvider services, string? email, Uri address, CancellationToken cancellationToken)
    {
        email ??= services.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue.Admins.FirstOrDefault()
            ?? throw new InvalidOperationException("no administrator is configured: set ADMIN_EMAILS, or name a person: sign-in-link ann@example.com.");
        if (!Email.IsUsable(email)) throw new InvalidOperationException($"\"{email}\" is not an e-mail address or user name.");
        await Console.Out.WriteLineAsync(await SignInLink.CreateAsync(services, Email.Normalize(email), address, cancellationToken));
    }
}
