using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AiPipe.AppHost.Hosting;
using AiPipe.Tests.Fixtures;
using AiPipe.Tests.Support;
using Npgsql;
using StackExchange.Redis;
using YamlDotNet.RepresentationModel;

namespace AiPipe.Tests.Deployment;

/// <summary>Parses <c>deploy/compose.yaml</c>, and starts the services with its environment but without a container engine.</summary>
public sealed partial class ComposeTests(PostgresFixture postgres, RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly string[] AiPipeServices = ["proxy", "portal"];
    private static readonly string[] Required = ["AIPIPE_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "ADMIN_EMAILS"];
    private static readonly YamlMappingNode Services = (YamlMappingNode)Load()["services"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Services_are_locked_down_and_only_the_proxy_is_reached_from_outside()
    {
        Assert.All(AiPipeServices, name =>
        {
            var service = Service(name);
            Assert.Equal($"aipipe-{name}:latest", Text(service["image"]));
            Assert.Equal("true", Text(service["read_only"]));
            Assert.Equal(["ALL"], Texts(service["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], Texts(service["security_opt"]));
        });
        var published = Services.Children.Where(service => ((YamlMappingNode)service.Value).Children.ContainsKey("ports"));
        Assert.Equal(["proxy"], published.Select(service => Text(service.Key)));
        Assert.All(Services.Children.Values, service => Assert.Equal("unless-stopped", Text(service["restart"])));
    }

    [Fact]
    public void Proxy_accepts_forwarded_addresses_from_the_portal_only()
    {
        var address = Text(Service("portal")["networks"]["default"]["ipv4_address"]);
        var subnet = IPNetwork.Parse(Text(Load()["networks"]["default"]["ipam"]["config"][0]["subnet"]));
        Assert.True(subnet.Contains(IPAddress.Parse(address)));
        var known = Environment("proxy").Where(static setting => setting.Key.Contains("KnownProxies", StringComparison.Ordinal));
        Assert.Equal(address, Assert.Single(known).Value);
    }

    [Fact]
    public void Secrets_have_no_default_and_are_required()
    {
        var file = File.ReadAllText(Find("compose.yaml"));
        Assert.All(Required, name =>
        {
            Assert.Matches($"\\$\\{{{name}:\\?", file);
            Assert.DoesNotMatch($"\\$\\{{{name}(\\}}|:?-)", file);
        });
        var example = File.ReadAllLines(Find(".env.example")).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        Assert.All(example, line => Assert.EndsWith("=", line, StringComparison.Ordinal));
        var used = Variable().Matches(file).Select(match => match.Groups["name"].Value)
            .Where(name => name != "AIPIPE_PORT").Distinct().Order();
        Assert.Equal(used, example.Select(line => line.TrimEnd('=')).Order());
    }

    [Fact]
    public async Task Proxy_and_portal_start_with_exactly_this_environment()
    {
        var server = await redis.NewServerAsync();
        var database = new NpgsqlConnectionStringBuilder(await postgres.NewDatabaseAsync());
        var environment = Environment("proxy");
        var connection = new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__aipipe"]);
        Assert.Equal(
            ("postgres", "aipipe", "aipipe", "filled-in"),
            (connection.Host, connection.Username, connection.Database, connection.Password));
        var counters = ConfigurationOptions.Parse(environment["ConnectionStrings__redis"]);
        Assert.Equal("filled-in", counters.Password);

        Assert.Equal(Environment("portal")["AIPIPE_SECRET"], environment["AIPIPE_SECRET"]);
        Assert.Equal("http://proxy:8080", Environment("portal")["services__proxy__http__0"]);
        Assert.Equal("http://portal:8080", environment["services__portal__http__0"]);

        // The test's own servers replace the containers.
        Dictionary<string, string> replaced = new()
        {
            ["ConnectionStrings__aipipe"] = database.ConnectionString,
            ["ConnectionStrings__redis"] = server.Address,
            ["AIPIPE_DATA"] = Scratch.NewFolder("gateway"),
        };
        await Task.WhenAll(AiPipeServices.Select(name => AssertHealthyAsync(name, replaced)));
    }

    /// <summary>Starts a service with the environment of its container, and runs the health check of the container.</summary>
    private static async Task AssertHealthyAsync(string name, Dictionary<string, string> replaced)
    {
        var environment = Environment(name);
        Assert.Equal("8080", environment["ASPNETCORE_HTTP_PORTS"]);
        foreach (var setting in replaced.Keys.Where(environment.ContainsKey)) environment[setting] = replaced[setting];
        environment["ASPNETCORE_HTTP_PORTS"] = ServerPorts.Take().ToString(CultureInfo.InvariantCulture);

        string[] check = [.. Texts(Service(name)["healthcheck"]["test"])];
        var program = name == "proxy" ? typeof(Proxy.Program).Assembly : typeof(AiPipe.Portal.Program).Assembly;
        // The base image has no shell and no curl.
        Assert.Equal(["CMD", "dotnet", Path.GetFileName(program.Location), "health"], check);
        Dictionary<string, string?> settings = new(environment!) { ["ASPNETCORE_URLS"] = null };
        await using var service = name == "proxy" ? ServiceProcess.StartProxy(settings) : ServiceProcess.StartPortal(settings);
        await service.AddressAsync();
        await Eventually.TrueAsync(async () => (await ExternalProgram.RunAsync("dotnet", [program.Location, "health"],
            environment: environment, cancellationToken: Cancellation)) is { ExitCode: 0, Output: "Healthy\n" }, $"the {name} healthy");
    }

    private static YamlMappingNode Service(string name) => (YamlMappingNode)Services[name];

    private static Dictionary<string, string> Environment(string service) => ((YamlMappingNode)Service(service)["environment"]).Children
        .ToDictionary(entry => Text(entry.Key), entry => Variable().Replace(Text(entry.Value), match =>
            match.Groups["operator"].Value == ":?" ? match.Groups["name"].Value switch
            {
                "AIPIPE_SECRET" => "a-secret-of-this-test-0123456789abcdef",
                "ADMIN_EMAILS" => "ann@example.com",
                _ => "filled-in",
            }
            : match.Groups["default"].Value));

    private static YamlNode Load()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Find("compose.yaml"));
        yaml.Load(reader);
        return yaml.Documents[0].RootNode;
    }

    private static string Find(string file) => Path.Combine(SourceFolder(), "deploy", file);

    internal static string SourceFolder() => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.FullName;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
    private static IEnumerable<string> Texts(YamlNode node) => ((YamlSequenceNode)node).Select(Text);

    [GeneratedRegex(
        @"(?<!\$)\$\{(?<name>[A-Z_]+)(?<operator>:\?|:-)(?<default>[^}]*)\}",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}
