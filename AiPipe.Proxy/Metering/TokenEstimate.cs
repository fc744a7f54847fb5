namespace AiPipe.Proxy.Metering;

/// <summary>
/// Estimates the tokens of JSON text in spans of any size; the result does not depend on how it is split. Tokenizers cut text before they
/// merge: a token has at most three digits, no letter beside a digit, and no capital after a small letter
/// (https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py). So random text has far more tokens than prose.
/// Never more than one token per byte.
/// </summary>
/// <param name="isDocument">True for a whole JSON document, whose numbers stand for themselves; false for the inside of a string.</param>
internal struct TokenEstimate(bool isDocument)
{
    /// <summary>All weights are parts of a token, and so many of them are one.</summary>
    private const int Parts = 12;
    /// <summary>Four bytes per token, as in English prose.</summary>
    private const int Plain = 3;
    /// <summary>Letters beside digits, as in base64 and hexadecimal, are random: two per token.</summary>
    private const int Random = 6;
    /// <summary>A character of two bytes, such as Cyrillic.</summary>
    private const int TwoBytes = 6;
    /// <summary>A character of three bytes, such as Chinese.</summary>
    private const int ThreeBytes = 12;
    /// <summary>A character of four bytes, such as an emoji: two tokens.</summary>
    private const int FourBytes = 24;
    private const int DigitsPerToken = 3;
    private const int HexDigits = 4;

    private long _parts;
    private int _digits;
    private bool _isOutsideText = isDocument;
    private bool _afterSmall, _isRandom, _afterBackslash;
    private int _hexLeft, _unit;

    public readonly long Tokens => (_parts + Parts - 1) / Parts;

    public void Read(ReadOnlySpan<byte> json)
    {
        foreach (var next in json)
        {
            if (_hexLeft > 0 && char.IsAsciiHexDigit((char)next)) ReadHexDigit(next);
            else if (_afterBackslash) ReadEscape(next);
            else if (char.IsAsciiDigit((char)next)) ReadDigit();
            else if (char.IsAsciiLetter((char)next)) ReadLetter(isSmall: next >= 'a');
            else ReadOther(next);
        }
    }

    private void ReadDigit()
    {
        // A number outside text is not read digit by digit: in a list of numbers, each is a token.
        if (_isOutsideText ? _digits == 0 : _digits % DigitsPerToken == 0) _parts += Parts;
        _digits++;
        (_isRandom, _afterSmall) = (true, false);
    }

    private void ReadLetter(bool isSmall)
    {
        var begins = _digits > 0 || (!isSmall && _afterSmall);
        _parts += begins ? Parts : _isRandom ? Random : Plain;
        (_digits, _afterSmall) = (0, isSmall);
    }

    private void ReadOther(byte next)
    {
        _hexLeft = 0;
        _afterBackslash = next == '\\';
        if (next == '"') _isOutsideText = !_isOutsideText;
        _parts += next switch
        {
            // A mark between digits, or after them, is a token.
            < 0x80 => _digits > 0 && !_isOutsideText && next is not (byte)' ' and not (byte)'\\' ? Parts : Plain,
            < 0xC0 => 0,
            < 0xE0 => TwoBytes,
            < 0xF0 => ThreeBytes,
            _ => FourBytes,
        };
        // Base64 has these marks inside.
        _isRandom &= next is (byte)'+' or (byte)'/' or (byte)'-' or (byte)'_';
        (_digits, _afterSmall) = (0, false);
    }

    private void ReadEscape(byte next)
    {
        _afterBackslash = false;
        if (next == 'u') (_hexLeft, _unit) = (HexDigits, 0);
    }

    private void ReadHexDigit(byte next)
    {
        _unit = (_unit << 4) | (next <= '9' ? next - '0' : (next | 0x20) - 'a' + 10);
        if (--_hexLeft > 0) return;
        // The backslash is counted already.
        _parts += _unit switch
        {
            < 0x80 => 0,
            < 0x800 => TwoBytes - Plain,
            >= 0xD800 and < 0xE000 => (FourBytes / 2) - Plain,
            _ => ThreeBytes - Plain,
        };
    }
}
