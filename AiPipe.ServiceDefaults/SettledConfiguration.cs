using Microsoft.AspNetCore.Builder;

namespace AiPipe.ServiceDefaults;

/// <summary>Configuration that is read once, at the start.</summary>
public static class SettledConfiguration
{
    // ASP.NET watches appsettings.json by watching every folder below the working directory: a journal or a database
    // below it wakes the watcher with each write, and started from / it watches the whole machine.
    private const string NoWatching = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>A builder with ASP.NET's usual sources, none of which is watched for changes.</summary>
    /// <param name="args">Command line.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder([NoWatching, .. args]);
}
