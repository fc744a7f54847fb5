using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Features.Settings;

/// <summary>What nobody may read in settings: providers' keys, salts, what routes send as headers and parameters. Where they stand, how they are shown, how they are kept.</summary>
/// <param name="secret">Signs tokens, too; every replica has it, and no table.</param>
internal sealed class SettingSecrets(byte[] secret)
{
    /// <summary>What stands for a secret that is not shown. No key has this letter in it.</summary>
    private const char Hidden = '…';
    /// <summary>A key of fewer characters shows none of them.</summary>
    private const int ShownFrom = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "aipipe settings 1"u8.ToArray());

    /// <summary>A document without its secrets.</summary>
    public static SettingNode Mask(SettingPath path, SettingNode document) => Map(path, document, text => Shown(path, text));

    /// <summary>How a key is shown: <c>sk-…last4</c>.</summary>
    public static string Shown(string key) => key.Length < ShownFrom ? $"{Hidden}" : $"{key[..3]}{Hidden}{key[^4..]}";

    /// <summary>A salt shows nothing: it has no end that somebody would know it by.</summary>
    private static string Shown(SettingPath path, string text) => path.Section == SettingPath.Salts ? $"{Hidden}" : Shown(text);

    /// <summary>A document with what is kept in place of what only stands for it.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="document">As somebody sends it.</param>
    /// <param name="kept">The secrets that are there now.</param>
    /// <exception cref="FormatException">Something stands for no secret that is kept.</exception>
    public static SettingNode Unmask(SettingPath path, SettingNode document, IEnumerable<string> kept)
    {
        var left = kept.ToList();
        return Map(path, document, text =>
        {
            if (!text.Contains(Hidden, StringComparison.Ordinal)) return text;
            // Of several that look alike each stands for another, in their order.
            var at = left.FindIndex(secret => Shown(path, secret) == text);
            if (at < 0) throw new FormatException($"{path} has \"{text}\", which stands for no key that is kept: give the key itself, or leave it out.");
            var secret = left[at];
            left.RemoveAt(at);
            return secret;
        });
    }

    /// <summary>As it is written to Postgres. The path is part of it: a secret of one place is none in another.</summary>
    public SettingNode Seal(SettingPath path, SettingNode document) => Map(path, document, text =>
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(path.Key));
        return Convert.ToBase64String(box);
    });

    /// <summary>As it was before it was written.</summary>
    /// <exception cref="FormatException">It was sealed with another secret, for another place, or not at all.</exception>
    public SettingNode Open(SettingPath path, SettingNode document) => Map(path, document, text =>
    {
        try
        {
            var box = Convert.FromBase64String(text);
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(path.Key));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or OverflowException)
        {
            throw new FormatException($"{path} holds a secret that cannot be opened: AIPIPE_SECRET was another one when it was written.", e);
        }
    });

    private static SettingNode Map(SettingPath path, SettingNode document, Func<string, string> change) => path.Section switch
    {
        SettingPath.Salts => document.Map(node => node.Text is { Length: > 0 } text ? change(text) : null),
        SettingPath.Providers => document.Map(node => node.Text is { Length: > 0 } text && IsKey(node, document) ? change(text) : null),
        SettingPath.Routes => document.Map(node => node.Text is { Length: > 0 } text && IsOfTarget(node, document) ? change(text) : null),
        _ => document,
    };

    /// <summary>What a route's target sends to its provider as a header or in the query: <c>Targets:0:Header:Authorization</c>.</summary>
    private static bool IsOfTarget(SettingNode node, SettingNode document) =>
        node.Path.Length > document.Path.Length && node.Path[(document.Path.Length + 1)..].Split(':') is [var targets, _, var group, ..]
        && targets.Equals("Targets", StringComparison.OrdinalIgnoreCase)
        && (group.Equals("Header", StringComparison.OrdinalIgnoreCase) || group.Equals("Query", StringComparison.OrdinalIgnoreCase));

    /// <summary>The secrets of a document, in their order.</summary>
    public static IReadOnlyList<string> Of(SettingPath path, SettingNode document)
    {
        var found = new List<string>();
        Map(path, document, text =>
        {
            found.Add(text);
            return text;
        });
        return found;
    }

    /// <summary>Everything below <c>Keys</c>, whatever its shape.</summary>
    private static bool IsKey(SettingNode node, SettingNode document) =>
        node.Path.Length > document.Path.Length && node.Path.AsSpan(document.Path.Length + 1) is var field
        && (field.Equals("Keys", StringComparison.OrdinalIgnoreCase) || field.StartsWith("Keys:", StringComparison.OrdinalIgnoreCase));
}
