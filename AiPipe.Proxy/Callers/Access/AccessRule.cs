using AiPipe.Proxy.Apis;

namespace AiPipe.Proxy.Callers.Access;

/// <summary>What a person may call. A missing list allows everything.</summary>
internal sealed record AccessRule
{
    public IReadOnlyList<EndpointPattern>? Endpoints { get; init; }

    /// <summary>Models, by any of their names.</summary>
    public IReadOnlyList<AllowedModel>? Models { get; init; }

    public bool Streaming { get; init; } = true;
}

/// <summary>One or more endpoints: <c>POST /openai/v1/embeddings</c>, <c>GET /openai/v1/models*</c>, <c>* /gemini/*</c>.</summary>
/// <param name="Method">In capitals; <c>*</c> = any.</param>
/// <param name="Path">The path below the provider's name; a trailing <c>*</c> matches any ending.</param>
internal sealed record EndpointPattern(string Method, string Provider, string Path)
{
    public bool Covers(string method, string provider, ReadOnlySpan<char> path) =>
        (Method == "*" || Method == method)
        && Provider.Equals(provider, StringComparison.OrdinalIgnoreCase)
        && (Path.EndsWith('*') ? path.StartsWith(Path.AsSpan(..^1), StringComparison.Ordinal) : path.SequenceEqual(Path));

    public override string ToString() => $"{Method} /{Provider}{Path}";
}

/// <summary>One or more models.</summary>
internal sealed record AllowedModel(string Written, ModelName Name);
