using Microsoft.AspNetCore.Builder;

namespace AiPipe.ServiceDefaults;

/// <summary>Configuration that is read only once, at the start.</summary>
public static class StaticConfiguration
{
    // ASP.NET watches appsettings.json by watching every folder below the working directory: each write to a journal or a database
    // there wakes the watcher, and a process started from / watches the whole machine.
    private const string NoWatching = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Creates a builder with ASP.NET's usual configuration sources, none of which is watched for changes.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder([NoWatching, .. args]);
}
