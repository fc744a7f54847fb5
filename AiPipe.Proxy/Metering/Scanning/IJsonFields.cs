namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>Is told what <see cref="JsonFieldScanner"/> finds at the places it was asked to watch.</summary>
internal interface IJsonFields
{
    /// <summary>Bytes of a string of output, as they stand in the JSON; long strings come in pieces.</summary>
    void Text(int bytes);

    /// <summary>A string, without its quotes, its escapes as they stand. Gone after the call.</summary>
    void String(Field field, ReadOnlySpan<byte> content);

    /// <summary>A number, <c>true</c>, <c>false</c> or <c>null</c>. Gone after the call.</summary>
    void Scalar(Field field, ReadOnlySpan<byte> json);

    /// <summary>The opening brace of a watched object.</summary>
    void Opened(Field field);

    /// <summary>The closing brace of a watched object.</summary>
    void Closed(Field field);
}
