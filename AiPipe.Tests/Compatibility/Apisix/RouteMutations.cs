namespace AiPipe.Tests.Compatibility.Apisix;

/// <summary>Routes that nobody would write, each with secrets where secrets stand: one for every seed.</summary>
internal sealed class RouteMutations
{
    public const string Secret = "pl4nted-s3cret", Number = "31337031337031";

    private static readonly string[] Names =
    [
        "uri", "uris", "name", "desc", "methods", "priority", "status", "id", "create_time", "plugins", "ai-proxy", "auth", "header",
            "query", "model", "provider", "options", "max_tokens", "input_cost", "temperature", "stream",
        "override", "endpoint", "passthrough", "timeout", "keepalive", "keepalive_timeout", "keepalive_pool", "ssl_verify", "anonymous",
            "limit", "days", "upstream", "nodes", "scheme", "pass_host", "Authorization", "api-key",
        "Host", "__proto__", "URI", "", " ", "a:b", "a.b", "0", "Targets", "\\u0000", "\\ud800", "\\udc00x", "\\ud83d\\ude00",
            new('n', 300),
    ];

    private static readonly string[] Leaves =
    [
        "null", "true", "false", "0", "1", "-1", "0.5", "256", "3000", "1e400", "-1e-400", "99999999999999999999999999", "1e3", Number,
            "\"\"", "\" \"", "\"/a\"", "\"/a*\"", "\"/usage\"", "\"openai\"", "\"nobody\"", "\"gpt-4o-mini\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"…\"", "\"sk-…cret\"", "\"https\"", "\"node\"", "\"month\"", "[]", "{}",
            "[[]]", "[null]", "[\"GET\"]", "[\"LOOK\"]", "{\"h.example:80\":1}", "[{\"host\":\"h\",\"port\":1,\"weight\":2}]",
        "{\"limit\":1,\"days\":1}",
    ];

    private static readonly string[] Secrets =
    [
        $"\"{Secret}\"", $"\"Bearer {Secret}\"", $"\"\\u0000{Secret}\"", $"\"\\ud800{Secret}\"", $"\"{Secret}…\"", $"\"…{Secret}\"",
            $"\"{Secret}\\n\"", $"\"{new string('x', 9000)}{Secret}\"", Number, $"[\"{Secret}\"]",
        $"{{\"a\":\"{Secret}\"}}", $"{{\"a\":{{\"b\":\"{Secret}\"}}}}",
    ];

    private static readonly string[] Addresses =
    [
        $"\"https://a.example/x?code={Secret}\"", $"\"https://a.example?{Secret}\"", $"\"ftp://a.example/x?code={Secret}\"",
            $"\"https://u:{Secret}@a.example/\"", $"\"https://a.example/x?code={Secret}#f\"", $"\"?{Secret}\"",
        $"\"https://a.example/x?{Secret}…\"", $"\"https://a.example/x?\\u0000{Secret}\"",
            $"\"https://a.example/x?{new string('x', 9000)}{Secret}\"", $"\"https://a.example:x/?{Secret}\"",
            $"[\"https://a.example?{Secret}\"]", Number,
    ];

    private readonly Random _random;
    private readonly List<Group> _groups = [];

    private RouteMutations(int seed) => _random = new Random(seed);

    /// <summary>A route, or nearly.</summary>
    /// <param name="seed">The same one gives the same route.</param>
    /// <param name="isWhole">It has what a route must have, until that is changed.</param>
    public static string Create(int seed, bool isWhole = true) => new RouteMutations(seed).Make(isWhole);

    private string Make(bool isWhole)
    {
        var plugin = New(("auth", New(("header", New(("Authorization", SecretOf(Secrets)))), ("query", New(("key", SecretOf(Secrets)))))));
        var route = New(("plugins", New(("ai-proxy", plugin))));
        if (isWhole || _random.Next(4) == 0) route.Fields.Add(("uri", "\"/fuzzed\""));
        if (isWhole || _random.Next(4) == 0) plugin.Fields.Add(
            ("model", New(("provider", "\"openai\""), ("name", "\"gpt-4o-mini\""), ("options", New()))));
        if (_random.Next(2) == 0) plugin.Fields.Add(("override", New(("endpoint", SecretOf(Addresses)))));
        for (var left = _random.Next(3); left > 0; left--) Mutate();
        var json = route.ToString();
        return _random.Next(20) switch
        {
            0 => json[.._random.Next(json.Length)],
            1 => json.Insert(_random.Next(json.Length), "{}[],:\"\\ \u0000"[_random.Next(10)].ToString()),
            2 => json + json,
            _ => json,
        };
    }

    private void Mutate()
    {
        var fields = Any(_groups).Fields;
        var name = Any(Names);
        var at = fields.Count == 0 ? 0 : _random.Next(fields.Count);
        switch (_random.Next(7))
        {
            case 0 when fields.Count > 0: fields.RemoveAt(at); break;
            case 1 when fields.Count > 0: fields.Add(fields[at]); break;
            case 2 when fields.Count > 0: fields[at] = (name, fields[at].Value); break;
            case 3 when fields.Count > 0: fields[at] = (fields[at].Name, Any(Leaves)); break;
            case 4 when fields.Count > 0: fields[at] = (fields[at].Name, New((name, fields[at].Value))); break;
            case 5: fields.Add((name, string.Concat(Enumerable.Repeat("[", 1 + _random.Next(2000))))); break;
            default: fields.Add((name, Any(Leaves))); break;
        }
    }

    /// <summary>Most often one that is right, so that some of it is read to the end.</summary>
    private string SecretOf(string[] all) => _random.Next(7) == 0 ? Any(all) : all[0];

    private T Any<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    private Group New(params (string Name, object Value)[] fields)
    {
        var group = new Group([.. fields]);
        _groups.Add(group);
        return group;
    }

    /// <summary>An object as no library has it: names may stand twice, and values be no JSON.</summary>
    private sealed record Group(List<(string Name, object Value)> Fields)
    {
        public override string ToString() => $"{{{string.Join(',', Fields.Select(field => $"\"{field.Name}\":{field.Value}"))}}}";
    }
}
