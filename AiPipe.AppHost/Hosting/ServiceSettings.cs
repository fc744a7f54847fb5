using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace AiPipe.AppHost.Hosting;

/// <summary>Passes settings of the AppHost (environment, user secrets, command line) on to the services.</summary>
internal static class ServiceSettings
{
    private const string AdminKey = "ADMIN_API_KEY";
    private const string ApisixAdminKey = "APISIX_ADMIN_KEY";

    /// <summary>Secrets, named as in the earlier systems. They become parameters, so that a deployment asks for their values.</summary>
    private static readonly string[] Secrets =
    [
        "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY", "ACCESS_TOKEN", AdminKey,
    ];

    private const string Admins = "ADMIN_EMAILS";

    /// <summary>In a deployment, only its ingress and the Portal reach the proxy, from private addresses (RFC 1918, RFC 6598).</summary>
    private static readonly string[] PrivateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

    /// <summary>Passes on the known variables, the section <c>AiPipe</c> and the file that <c>AIPIPE_CONFIG</c> names.</summary>
    public static IResourceBuilder<ProjectResource> WithAiPipeSettings(this IResourceBuilder<ProjectResource> project)
    {
        var builder = project.ApplicationBuilder;
        // The proxy accepts the same secret under both names.
        if (string.IsNullOrEmpty(builder.Configuration[AdminKey])) builder.Configuration[AdminKey] = builder.Configuration[ApisixAdminKey];
        if (builder.ExecutionContext.IsRunMode) Environment.SetEnvironmentVariable(ApisixAdminKey, null);
        foreach (var variable in Secrets)
        {
            var name = variable.ToLowerInvariant().Replace('_', '-');
            builder.Configuration[$"Parameters:{name}"] ??= builder.Configuration[variable];
            // A parameter without a value would interrupt the start, and a deployment would require a value for every key.
            if (!string.IsNullOrEmpty(builder.Configuration[$"Parameters:{name}"]))
                project.WithEnvironment(variable, builder.AddParameter(name, secret: true));
            // Every process that the orchestrator starts inherits our environment, but only this service needs the key.
            if (builder.ExecutionContext.IsRunMode) Environment.SetEnvironmentVariable(variable, null);
        }
        if (builder.Configuration["GOOGLE_CLIENT_ID"] is { Length: > 0 } client) project.WithEnvironment("GOOGLE_CLIENT_ID", client);
        if (builder.ExecutionContext.IsPublishMode) return project.WithDeploymentSettings();

        if (builder.Configuration[Admins] is { Length: > 0 } admins) project.WithEnvironment(Admins, admins);
        if (builder.Configuration["AIPIPE_CONFIG"] is { Length: > 0 } file)
            project.WithEnvironment("AIPIPE_CONFIG", Path.GetFullPath(file));
        foreach (var (key, value) in builder.Configuration.GetSection("AiPipe").AsEnumerable().Where(setting => setting.Value is not null))
            project.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        return project;
    }

    private static IResourceBuilder<ProjectResource> WithDeploymentSettings(this IResourceBuilder<ProjectResource> project)
    {
        // The command sign-in-link needs an administrator.
        project.WithEnvironment(Admins, project.ApplicationBuilder.AddParameter("admin-emails"));
        for (var i = 0; i < PrivateNetworks.Length; i++)
            project.WithEnvironment(string.Create(CultureInfo.InvariantCulture, $"AiPipe__Server__KnownProxies__{i}"), PrivateNetworks[i]);
        return project;
    }

    /// <summary>Passes the data folder to the service, except in publish mode, where the deployment chooses it.</summary>
    public static IResourceBuilder<ProjectResource> WithDataFolder(this IResourceBuilder<ProjectResource> project, string folder) =>
        project.ApplicationBuilder.ExecutionContext.IsPublishMode ? project : project.WithEnvironment("AIPIPE_DATA", folder);
}
