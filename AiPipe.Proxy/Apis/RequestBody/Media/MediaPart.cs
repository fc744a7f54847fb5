namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>An image, a document or a sound in a request: what its bytes reveal of its cost, which depends on the model.</summary>
internal readonly record struct MediaPart(MediaKind Kind)
{
    /// <summary>The size of an image; <c>null</c> = unknown: it is at an address, or its header cannot be read.</summary>
    public PictureSize? Size { get; init; }

    /// <summary>True if the request asks for an image at low resolution.</summary>
    public bool IsLowDetail { get; init; }

    /// <summary>The most pages that a document can have.</summary>
    public long Pages { get; init; }

    /// <summary>The most tokens that the text of a document can have.</summary>
    public long TextTokens { get; init; }

    /// <summary>The longest that a sound can be.</summary>
    public double Seconds { get; init; }
}

internal enum MediaKind
{
    Picture,
    Document,
    Sound,
}

/// <summary>In pixels.</summary>
internal readonly record struct PictureSize(int Width, int Height);
