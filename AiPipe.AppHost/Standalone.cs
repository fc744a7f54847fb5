namespace AiPipe.AppHost;

internal static class Standalone
{
    public static void Main(string[] args) => Proxy.Program.Build(args).Run();
}
