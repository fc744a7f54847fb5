using Microsoft.Extensions.Options;

namespace AiPipe.Proxy.Infrastructure;

/// <summary>A setting that cannot be used.</summary>
/// <param name="path">The setting's path in the configuration, such as <c>AiPipe:Budgets:*:Limit</c>.</param>
/// <param name="line">One line that names the path and the mend.</param>
internal sealed class SettingException(string path, string line) : OptionsValidationException(path, typeof(SettingException), [line])
{
    /// <summary>The setting's path in the configuration.</summary>
    public string Path => OptionsName;

    /// <summary>The name of the entry is wrong, and not its value.</summary>
    public bool IsName { get; init; }
}
