using System.CommandLine;

namespace AiPipe.ServiceDefaults;

/// <summary>The command-line option <c>--address</c>.</summary>
public static class AddressOption
{
    /// <summary>Creates the option, which accepts only http(s) addresses.</summary>
    /// <param name="description">The description for <c>--help</c>.</param>
    /// <param name="default">Creates the value if the option is absent.</param>
    public static Option<Uri> Create(string description, Func<Uri> @default) => new("--address")
    {
        Description = description,
        DefaultValueFactory = _ => @default(),
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https")) return uri;
            result.AddError($"--address {text} is not an http(s) address: write it like http://localhost:8787.");
            return null;
        },
    };
}
