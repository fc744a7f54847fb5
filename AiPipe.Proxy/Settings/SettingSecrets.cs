using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Settings;

/// <summary>What nobody may read in settings (<see cref="SecretPlaces"/>): how it is shown, and how it is kept.</summary>
/// <param name="secret">Signs tokens, too; every replica has it, and no table.</param>
internal sealed class SettingSecrets(byte[] secret)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "aipipe settings 1"u8.ToArray());

    /// <summary>A document without its secrets.</summary>
    public static SettingNode Mask(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret => secret.Look);

    /// <summary>How a key is shown: <c>sk-…last4</c>.</summary>
    public static string Shown(string key) => Secret.LookOf(key);

    /// <summary>As it is written to Postgres. The path is part of it: a secret of one place is none in another.</summary>
    public SettingNode Seal(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret =>
    {
        var plain = Encoding.UTF8.GetBytes(secret.Text);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(path.Key));
        return Convert.ToBase64String(box);
    });

    /// <summary>As it was before it was written.</summary>
    /// <exception cref="FormatException">It was sealed with another secret, for another place, or not at all.</exception>
    public SettingNode Open(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret =>
    {
        try
        {
            var box = Convert.FromBase64String(secret.Text);
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
}
