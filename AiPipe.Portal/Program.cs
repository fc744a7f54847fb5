using AiPipe.ServiceDefaults;

namespace AiPipe.Portal;

/// <summary>The pages that people see; they talk to the gateway's own API only.</summary>
public sealed class Program
{
    private Program() { }

    public static void Main(string[] args)
    {
        var builder = SettledConfiguration.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPortal();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPortal();
        app.Run();
    }
}
