using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace AiPipe.AppHost.Hosting;

/// <summary>A value that is generated at the first start and stored in the data folder, with the data that depends on it.</summary>
/// <param name="file">The full path of the file that holds the value.</param>
internal sealed class GeneratedSecret(string file) : ParameterDefault
{
    private const int Length = 64;

    private static readonly Lock Creation = new();

    public override string GetDefaultValue()
    {
        lock (Creation)
        {
            if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept) return kept;
            var generated = RandomNumberGenerator.GetHexString(Length, lowercase: true);
            PrivateFile.Write(file, generated);
            return generated;
        }
    }

    public override void WriteToManifest(ManifestPublishingContext context) =>
        new GenerateParameterDefault { MinLength = Length, Special = false }.WriteToManifest(context);
}
