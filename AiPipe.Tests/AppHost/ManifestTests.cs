using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiPipe.AppHost.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiPipe.Tests.AppHost;

/// <summary>The manifest that azd reads. <c>UPDATE_MANIFEST=1</c> updates the expected file.</summary>
public sealed partial class ManifestTests
{
    private static readonly string[] Servers = ["postgres", "redis"];
    private static readonly string[] Managed = ["aipipe", "redis"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Manifest_equals_the_expected_file()
    {
        var manifest = await PublishAsync();
        var expectation = Path.Combine(FindSource(), "manifest.expected.json");
        var normalized = Normalize(manifest.ToJsonString(Indented));
        if (Environment.GetEnvironmentVariable("UPDATE_MANIFEST") == "1")
            await File.WriteAllTextAsync(expectation, normalized + "\n", Cancellation);
        Assert.Equal((await File.ReadAllTextAsync(expectation, Cancellation)).TrimEnd(), normalized);
    }

    [Fact]
    public async Task Servers_are_containers_with_volumes_secrets_have_no_value_and_only_the_proxy_is_external()
    {
        var resources = (await PublishAsync())["resources"]!.AsObject();
        Assert.All(Servers, server =>
        {
            Assert.Equal("container.v0", Type(resources, server));
            Assert.Single(resources[server]!["volumes"]!.AsArray());
        });
        Assert.All(resources.Where(resource => resource.Value!["type"]!.GetValue<string>() == "parameter.v0"), parameter =>
        {
            var input = parameter.Value!["inputs"]!["value"]!;
            Assert.Equal(parameter.Key != "admin-emails", input["secret"]?.GetValue<bool>() == true);
            Assert.Null(input["default"]?["value"]);
        });
        Assert.Equal("{aipipe-secret.value}", resources["proxy"]!["env"]!["AIPIPE_SECRET"]!.GetValue<string>());
        Assert.Equal("{aipipe.connectionString}", resources["proxy"]!["env"]!["ConnectionStrings__aipipe"]!.GetValue<string>());
        var external = resources.Where(resource => resource.Value!["bindings"] is JsonObject bindings
            && bindings.Any(binding => binding.Value!["external"]?.GetValue<bool>() == true)).Select(resource => resource.Key);
        Assert.Equal(["proxy"], external);
        Assert.True(resources["proxy"]!["bindings"]!["https"]!["external"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Managed_servers_are_connection_strings_that_the_deployment_asks_for()
    {
        var manifest = await PublishAsync("--ConnectionStrings:aipipe=managed", "--ConnectionStrings:redis=managed");
        var resources = manifest["resources"]!.AsObject();
        Assert.DoesNotContain("postgres", resources.Select(resource => resource.Key));
        Assert.All(Managed, server =>
        {
            Assert.Equal("parameter.v0", Type(resources, server));
            Assert.True(resources[server]!["inputs"]!["value"]!["secret"]!.GetValue<bool>());
        });
        Assert.DoesNotContain("managed", resources.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_have_probes()
    {
        using var folder = new TemporaryFolder();
        var builder = await AppHostModelTests.CreateAsync(folder, "--containers=true");
        Assert.All(builder.Resources.OfType<ProjectResource>(), project => Assert.Equal(
            [(ProbeType.Liveness, "/alive"), (ProbeType.Readiness, "/health")],
            project.Annotations.OfType<EndpointProbeAnnotation>().Select(probe => (probe.Type, probe.Path))));
    }

    private static string Type(JsonObject resources, string name) => resources[name]!["type"]!.GetValue<string>();

    private static async Task<JsonObject> PublishAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "manifest.json");
        string[] publish = [AppHostProcess.FindProgram(), "--publisher", "manifest", "--output-path", file, .. arguments];
        var result = await ExternalProgram.RunAsync("dotnet", publish, cancellationToken: Cancellation);
        Assert.True(result.Succeeded, result.LastLine);
        return JsonNode.Parse(await File.ReadAllTextAsync(file, Cancellation))!.AsObject();
    }

    // Project paths and the prefix of volume names depend on the machine.
    private static string Normalize(string manifest) =>
        Volume().Replace(ProjectPath().Replace(manifest, "\"path\": \"${name}\""), "\"name\": \"${name}\"");

    private static string FindSource() =>
        Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "AppHost");

    [GeneratedRegex("\"path\": \"[^\"]*/(?<name>AiPipe[^/]*/[^\"]*csproj)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectPath();

    [GeneratedRegex(
        "\"name\": \"aipipe.apphost-[0-9a-f]+-(?<name>[a-z]+-data)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Volume();
}
