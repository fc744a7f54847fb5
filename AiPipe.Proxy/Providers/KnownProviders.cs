using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Providers;

/// <summary>The built-in providers. A new one is a few lines of data here.</summary>
internal static class KnownProviders
{
    /// <summary>The provider inside this process, available while no key is configured.</summary>
    public const string Demo = "demo";

    /// <summary>The name under which a provider is stored: that of a built-in provider, or the given one of any other.</summary>
    public static string NameOf(string name) => All.ByName(name)?.Name ?? name;

    public static readonly IReadOnlyList<Provider> All =
    [
        new()
        {
            Name = "openai",
            Dialect = Dialect.OpenAi,
            BaseUrl = new("https://api.openai.com"),
            KeyVariable = "OPENAI_API_KEY",
            TelemetryName = "openai",
            AllowsByok = true,
            // The o-series and gpt-5 reject max_tokens: https://platform.openai.com/docs/api-reference/chat/create
            ChatLimitField = "max_completion_tokens",
        },
        new()
        {
            Name = "openrouter",
            Dialect = Dialect.OpenAi,
            BaseUrl = new("https://openrouter.ai/api"),
            KeyVariable = "OPENROUTER_API_KEY",
            TelemetryName = "openrouter",
            AllowsByok = true,
            ReportsCost = true,
            TakesMaxPrice = true,
        },
        new()
        {
            Name = "gemini",
            // The name in the original AI Pipe.
            Alias = "geminiv1beta",
            Dialect = Dialect.Gemini,
            BaseUrl = new("https://generativelanguage.googleapis.com/v1beta"),
            KeyVariable = "GEMINI_API_KEY",
            TelemetryName = "gcp.gemini",
            AllowsByok = true,
        },
        new()
        {
            Name = "groq",
            Dialect = Dialect.OpenAi,
            // https://console.groq.com/docs/openai
            BaseUrl = new("https://api.groq.com/openai"),
            KeyVariable = "GROQ_API_KEY",
            TelemetryName = "groq",
            AllowsByok = true,
        },
        new()
        {
            Name = Demo,
            Dialect = Dialect.OpenAi,
            BaseUrl = new("http://demo.invalid"),
            TelemetryName = "aipipe.demo",
            Credentials = [new ProviderCredential("demo")],
            IsBuiltIn = true,
        },
    ];
}
