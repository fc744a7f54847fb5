using System.CommandLine;
using AiPipe.Proxy.Callers;
using AiPipe.Proxy.Infrastructure;
using AiPipe.Proxy.Infrastructure.Postgres;
using AiPipe.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.CommandLine;

/// <summary>
/// Commands that an operator runs with the configuration and the database of a gateway: <c>dotnet AiPipe.Proxy.dll sign-in-link</c>.
/// They need no other authorization, because anyone with access to the configuration can sign tokens.
/// </summary>
internal static class OperatorCommands
{
    private static readonly Uri DefaultAddress = new("http://localhost:8787");

    public static RootCommand Create()
    {
        var address = AddressOption.Create("The gateway's address as browsers and clients use it.", static () => DefaultAddress);
        var email = new Argument<string?>("email")
        {
            Description = "The person whom the link signs in; the first administrator by default.",
            DefaultValueFactory = static _ => null,
        };
        var calls = new Option<int>("--calls") { Description = "The number of calls (1 to 500).", DefaultValueFactory = static _ => 24 };
        calls.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, out var count) && count is >= 1 and <= DemoTraffic.MaxCalls))
                result.AddError($"--calls {text} must be a number from 1 to {DemoTraffic.MaxCalls}.");
        });

        var link = new Command("sign-in-link", "Prints a one-time link that signs a person in, valid for a day.") { email, address };
        link.SetAction((parsed, cancellationToken) => RunAsync(services =>
            PrintLinkAsync(services, parsed.GetValue(email), parsed.GetValue(address)!, cancellationToken)));
        var welcome = new Command(
            "welcome", "Prints the gateway's address, the providers that have keys, and a sign-in link for the first administrator.")
        {
            address,
        };
        welcome.SetAction((parsed, cancellationToken) => RunAsync(async services =>
            await Console.Out.WriteAsync(await Welcome.CreateTextAsync(services, parsed.GetValue(address)!, cancellationToken))));
        var traffic = new Command(
            "demo-traffic", "Sends calls of fictitious users to the demo provider, to fill the charts of a new installation.")
        {
            calls, address,
        };
        traffic.SetAction((parsed, cancellationToken) => RunAsync(services =>
            DemoTraffic.SendAsync(services, parsed.GetValue(address)!, parsed.GetValue(calls), cancellationToken)));

        return new RootCommand("The gateway of AiPipe. Starts the gateway if no command is given. docs/operate.md has its settings.")
        {
            link, welcome, traffic, HealthCommand.Create(),
        };
    }

    private static async Task RunAsync(Func<IServiceProvider, Task> command)
    {
        // The services of the gateway are built but not started: nothing listens, and no background service runs.
        await using var app = Program.Build([], static builder => builder.Logging.ClearProviders());
        await app.Services.GetRequiredService<StateRefresher>().CatchUpAsync(CancellationToken.None);
        await using var scope = app.Services.CreateAsyncScope();
        await command(scope.ServiceProvider);
    }

    private static async Task PrintLinkAsync(IServiceProvider services, string? email, Uri address, CancellationToken cancellationToken)
    {
        email ??= services.GetRequiredService<IOptionsMonitor<TokenOptions>>().CurrentValue.Admins.FirstOrDefault()
            ?? throw new InvalidOperationException(
                "No administrator is configured. Set ADMIN_EMAILS, or name a person: sign-in-link ann@example.com.");
        if (!Email.IsUsable(email)) throw new InvalidOperationException($"\"{email}\" is not an e-mail address or user name.");
        await Console.Out.WriteLineAsync(await SignInLink.CreateAsync(services, Email.Normalize(email), address, cancellationToken));
    }
}
