using System.Security.Cryptography;
using System.Text;

namespace AiPipe.Proxy.Settings;

/// <summary>Masks and encrypts the secrets in settings (<see cref="SecretPlaces"/>).</summary>
/// <param name="secret">The signing secret, which every replica has and no table contains.</param>
internal sealed class SettingSecrets(byte[] secret)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "aipipe settings 1"u8.ToArray());

    private readonly byte[] _idKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "aipipe setting ids 1"u8.ToArray());

    /// <summary>Replaces secrets by their masks, for the audit trail and for APIs that know no ids.</summary>
    public static SettingNode Mask(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret => secret.Mask);

    /// <summary>Replaces secrets by <c>{ "Id": "sec_…", "Mask": "sk-…last4" }</c>: a change can send them back.</summary>
    public SettingNode Show(SettingPath path, SettingNode document) => SecretPlaces.MapNodes(path, document, secret =>
    {
        var shown = secret.Node.WithText(null);
        return shown.With([
            SettingNode.Below(shown.Path, SecretReference.Fields[0], IdOf(path, secret.Whole)),
            SettingNode.Below(shown.Path, SecretReference.Fields[1], secret.Prefix + secret.Mask)]);
    });

    /// <summary>
    /// Identifies a secret at its path, on every replica. It reveals nothing: not even a guess can be checked without the signing secret.
    /// </summary>
    public string IdOf(SettingPath path, string secret)
    {
        var hash = HMACSHA256.HashData(_idKey, Encoding.UTF8.GetBytes($"{path.Key}\n{secret.Trim()}"));
        return $"sec_{Convert.ToHexStringLower(hash.AsSpan(0, 6))}";
    }

    /// <summary>Encrypts the secrets for Postgres. The path is authenticated: a secret cannot be moved to another place.</summary>
    public SettingNode Seal(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret =>
    {
        var plain = Encoding.UTF8.GetBytes(secret.Text);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(path.Key));
        return Convert.ToBase64String(box);
    });

    /// <summary>Decrypts the secrets.</summary>
    /// <exception cref="FormatException">Encrypted with another secret, for another place, or not at all.</exception>
    public SettingNode Open(SettingPath path, SettingNode document) => SecretPlaces.Map(path, document, secret =>
    {
        try
        {
            var box = Convert.FromBase64String(secret.Text);
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), plain,
                Encoding.UTF8.GetBytes(path.Key));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or OverflowException)
        {
            throw new FormatException(
                $"{path} holds a secret that cannot be opened: AIPIPE_SECRET was another one when it was written.", e);
        }
    });
}
