namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>Receives the values that <see cref="JsonFieldScanner"/> finds at watched positions.</summary>
internal interface IJsonFields
{
    /// <summary>Part of an output string, with JSON escapes unexpanded. The span is valid only during the call.</summary>
    void Text(ReadOnlySpan<byte> content);

    /// <summary>A string without quotes, with JSON escapes unexpanded. The span is valid only during the call.</summary>
    void String(Field field, ReadOnlySpan<byte> content);

    /// <summary>A number, <c>true</c>, <c>false</c> or <c>null</c>. The span is valid only during the call.</summary>
    void Scalar(Field field, ReadOnlySpan<byte> json);

    void Opened(Field field);

    void Closed(Field field);
}
