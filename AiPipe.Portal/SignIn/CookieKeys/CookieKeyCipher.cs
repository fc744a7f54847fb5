using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace AiPipe.Portal.SignIn.CookieKeys;

/// <summary>
/// Encrypts cookie keys at rest (AES-GCM) with a key derived from <c>AIPIPE_SECRET</c>. That secret is not in the database, so read access
/// to the database is not enough to forge a cookie.
/// </summary>
internal sealed class CookieKeyCipher(string secret) : IXmlEncryptor
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>The names with which Data Protection marks elements of a key that must be encrypted, and encrypted ones.</summary>
    private static readonly XNamespace Namespace = "http://schemas.asp.net/2015/03/dataProtection";
    private static readonly XName RequiresEncryption = Namespace + "requiresEncryption";
    private static readonly XName EncryptedSecret = Namespace + "encryptedSecret";
    private const string DecryptorType = "decryptorType";

    private readonly byte[] _key =
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), KeyBytes, info: "aipipe cookie keys 1"u8.ToArray());

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length));
        return new EncryptedXmlInfo(new XElement("aesGcm", Convert.ToBase64String(box)), typeof(CookieKeyDecryptor));
    }

    /// <summary>Encrypts the secret elements of a key, as Data Protection does when it stores a new key.</summary>
    public XElement EncryptKey(XElement key)
    {
        var document = new XDocument(key);
        var parts = document.Descendants().Where(static element => (bool?)element.Attribute(RequiresEncryption) == true).ToList();
        foreach (var part in parts)
        {
            var encrypted = Encrypt(part);
            var decryptor = new XAttribute(DecryptorType, encrypted.DecryptorType.AssemblyQualifiedName!);
            part.ReplaceWith(new XElement(EncryptedSecret, decryptor, encrypted.EncryptedElement));
        }
        return document.Root!;
    }

    /// <summary>Decrypts an element that <see cref="Encrypt"/> encrypted.</summary>
    /// <exception cref="CryptographicException">The element was encrypted with another secret, or it is damaged.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        try
        {
            var box = Convert.FromBase64String(encryptedElement.Value);
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), plain);
            return XElement.Parse(Encoding.UTF8.GetString(plain));
        }
        catch (Exception e) when (e is FormatException or OverflowException or XmlException)
        {
            throw new CryptographicException("The cookie key is damaged.", e);
        }
    }

    /// <summary>True if all elements of a stored key that this class encrypted can be decrypted.</summary>
    /// <param name="cipher">The cipher; <c>null</c> if no secret is configured.</param>
    /// <param name="key">The stored key.</param>
    public static bool CanRead(CookieKeyCipher? cipher, XElement key)
    {
        foreach (var part in key.Descendants(EncryptedSecret))
        {
            var decryptor = part.Attribute(DecryptorType)?.Value ?? "";
            if (!decryptor.StartsWith(typeof(CookieKeyDecryptor).FullName!, StringComparison.Ordinal)) continue;
            try
            {
                if (cipher is null || part.Elements().FirstOrDefault() is not { } encrypted) return false;
                cipher.Decrypt(encrypted);
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>
/// Decrypts what <see cref="CookieKeyCipher"/> encrypted. Stored keys contain the full name of this type, from which Data Protection
/// creates it. They cannot be read after the type is renamed or moved.
/// </summary>
internal sealed class CookieKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<CookieKeyCipher>().Decrypt(encryptedElement);
}
