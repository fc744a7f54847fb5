using AiPipe.Proxy.Errors;

namespace AiPipe.Proxy.Infrastructure;

internal static class FormBody
{
    private const string Type = "application/x-www-form-urlencoded";

    public static async Task<(Func<string, string?>? Field, Refusal? Refusal)> ReadFieldsAsync(
        this HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType is not { } type || !type.StartsWith(Type, StringComparison.OrdinalIgnoreCase))
            return (null, Refusal.UnsupportedMediaType($"{Type} or application/json"));
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            return (null, Refusal.InvalidRequest("The form could not be read."));
        }
        if (form.Any(static field => field.Value.Count > 1)) return (null, Refusal.InvalidRequest("The form has a field twice."));
        return (name => form.TryGetValue(name, out var value) ? value[0] : null, null);
    }
}
