using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Providers;

/// <summary>The built-in providers. A new one is a few lines of data here.</summary>
internal static class KnownProviders
{
    /// <summary>The provider inside this process.</summary>
    public const string Demo = "demo";

    /// <summary>The latest version that is generally available, other than that in <c>/openai/v1</c>.</summary>
    public const string AzureVersion = "2024-10-21";

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
            HasVariants = true,
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
            // https://ai.google.dev/gemini-api/docs/openai
            Surfaces = [new ProviderSurface("/openai", Dialect.OpenAi)],
        },
        new()
        {
            Name = "anthropic",
            Dialect = Dialect.Anthropic,
            BaseUrl = new("https://api.anthropic.com"),
            KeyVariable = "ANTHROPIC_API_KEY",
            TelemetryName = "anthropic",
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
        Compatible("mistral", "https://api.mistral.ai", "mistral_ai") with { ReportsStreamUsage = true },
        // https://api-docs.deepseek.com; the version is optional.
        Compatible("deepseek", "https://api.deepseek.com", "deepseek"),
        Compatible("xai", "https://api.x.ai", "x_ai"),
        Compatible("together", "https://api.together.xyz", "together_ai"),
        Compatible("cerebras", "https://api.cerebras.ai", "cerebras") with { ChatLimitField = "max_completion_tokens" },
        Compatible("moonshot", "https://api.moonshot.ai", "moonshot_ai"),
        Compatible("perplexity", "https://api.perplexity.ai", "perplexity") with
        {
            // https://docs.perplexity.ai/api-reference/chat-completions-post
            Paths = [("/v1/chat/completions", "/chat/completions")],
            ReportsStreamUsage = true,
        },
        // https://docs.cohere.com/docs/compatibility-api
        Compatible("cohere", "https://api.cohere.ai/compatibility", "cohere"),
        // https://docs.fireworks.ai/tools-sdks/openai-compatibility
        Compatible("fireworks", "https://api.fireworks.ai/inference", "fireworks_ai"),
        new()
        {
            Name = "azure",
            Dialect = Dialect.Azure,
            // Each resource has an address of its own.
            BaseUrl = new("https://azure.invalid/openai"),
            AddressVariable = "AZURE_OPENAI_ENDPOINT",
            KeyVariable = "AZURE_OPENAI_API_KEY",
            TelemetryName = "azure.ai.openai",
            ApiVersion = AzureVersion,
            ChatLimitField = "max_completion_tokens",
            // The prices of global deployments are OpenAI's.
            PriceList = "openai",
        },
        new()
        {
            Name = "ollama",
            Dialect = Dialect.OpenAi,
            // https://docs.ollama.com/openai
            BaseUrl = new("http://localhost:11434"),
            AddressVariable = "OLLAMA_BASE_URL",
            TelemetryName = "ollama",
            IsKeyless = true,
            IsFree = true,
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

    /// <summary>A provider with OpenAI's API, whose key is in <c>NAME_API_KEY</c>.</summary>
    private static Provider Compatible(string name, string address, string telemetryName) => new()
    {
        Name = name,
        Dialect = Dialect.OpenAi,
        BaseUrl = new(address),
        KeyVariable = name.ToUpperInvariant() + "_API_KEY",
        TelemetryName = telemetryName,
        AllowsByok = true,
    };
}
