namespace AiPipe.Proxy;

/// <summary>The gateway: the front door of every call.</summary>
public sealed class Program
{
    private Program() { }

    public static void Main(string[] args) => Build(args).Run();

    /// <summary>Builds the gateway; the standalone start and the tests add to it before it is built.</summary>
    /// <param name="args">Command line: configuration such as <c>--urls http://localhost:8787</c>.</param>
    /// <param name="extend">Adds services and configuration of the surrounding host.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? extend = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        extend?.Invoke(builder);
        return builder.Build();
    }
}
