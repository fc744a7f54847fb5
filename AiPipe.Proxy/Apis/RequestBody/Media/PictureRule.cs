namespace AiPipe.Proxy.Apis.RequestBody.Media;

/// <summary>How a family of models counts an image.</summary>
internal abstract class PictureRule
{
    private static readonly PictureRule Any = new AnyPicture();
    private static readonly PictureRule Gemini = new GeminiPicture();

    /// <summary>
    /// Resized to at most 10.24 megapixels and 4,784 tokens by the largest models, one token for 750 pixels
    /// (https://docs.anthropic.com/en/docs/build-with-claude/vision).
    /// </summary>
    private static readonly PictureRule Claude = new ConstantPicture(5_000);

    /// <summary>
    /// By the beginning of the name; the first that fits. Base and tile, or multiplier and most patches
    /// (https://platform.openai.com/docs/guides/images-vision#calculating-costs).
    /// </summary>
    private static readonly (string Name, PictureRule Rule)[] Rules =
    [
        ("gpt-4o-mini", new TilePicture(2_833, 5_667)),
        ("gpt-4o", new TilePicture(85, 170)),
        ("chatgpt-4o", new TilePicture(85, 170)),
        ("gpt-4.1-mini", new PatchPicture(1.62m, 1_536)),
        ("gpt-4.1-nano", new PatchPicture(2.46m, 1_536)),
        ("gpt-4.1", new TilePicture(85, 170)),
        ("gpt-4.5", new TilePicture(85, 170)),
        ("gpt-4-turbo", new TilePicture(85, 170)),
        ("gpt-4-vision", new TilePicture(85, 170)),
        ("gpt-4-1106-vision", new TilePicture(85, 170)),
        ("gpt-5-mini", new PatchPicture(1.62m, 1_536)),
        ("gpt-5-nano", new PatchPicture(2.46m, 1_536)),
        ("gpt-5-chat", new TilePicture(70, 140)),
        ("gpt-5-2025", new TilePicture(70, 140)),
        ("gpt-5-codex", new TilePicture(70, 140)),
        ("gpt-5-pro", new TilePicture(70, 140)),
        // Later models read up to 10,000 patches (detail "original"); their multipliers are not all published.
        ("gpt-5.", new PatchPicture(2.46m, 10_000)),
        ("o4-mini", new PatchPicture(1.72m, 1_536)),
        ("o1", new TilePicture(75, 150)),
        ("o3", new TilePicture(75, 150)),
        ("computer-use-preview", new TilePicture(65, 129)),
        ("gemini-", Gemini),
        ("gemma-", Gemini),
        ("claude-", Claude),
    ];

    private static readonly PictureRule Gpt5 = new TilePicture(70, 140);

    /// <summary>The most tokens for one page of a document.</summary>
    public virtual long PerPage => AtMost(size: null, isLowDetail: false);

    public virtual bool BillsTextOfPages => true;

    /// <param name="model">With or without a vendor (<c>openai/gpt-4o</c>), also a fine-tuned one (<c>ft:gpt-4o:…</c>).</param>
    public static PictureRule For(string model)
    {
        var name = Plain(model);
        if (name.Equals("gpt-5", StringComparison.OrdinalIgnoreCase)) return Gpt5;
        foreach (var (start, rule) in Rules)
        {
            if (name.StartsWith(start, StringComparison.OrdinalIgnoreCase)) return rule;
        }
        return Any;
    }

    public static ReadOnlySpan<char> Plain(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        return name.StartsWith("ft:", StringComparison.Ordinal) ? name[3..] : name;
    }

    /// <summary>The most tokens for an image.</summary>
    /// <param name="size"><c>null</c> = unknown.</param>
    public abstract long AtMost(PictureSize? size, bool isLowDetail);

    /// <summary>The quotient of two positive numbers, rounded up.</summary>
    protected static long Over(long value, long divisor) => (value + divisor - 1) / divisor;

    private sealed class ConstantPicture(long tokens) : PictureRule
    {
        public override long AtMost(PictureSize? size, bool isLowDetail) => tokens;
    }

    /// <summary>Within 2,048 × 2,048, then with a shorter side of at most 768: tiles of 512 × 512, and a base.</summary>
    private sealed class TilePicture(long basis, long tile) : PictureRule
    {
        private const long MostTiles = 8;

        public override long AtMost(PictureSize? size, bool isLowDetail) =>
            isLowDetail ? basis : basis + tile * (size is { } known ? Tiles(known) : MostTiles);

        private static long Tiles(PictureSize size)
        {
            long longer = Math.Max(size.Width, size.Height), shorter = Math.Min(size.Width, size.Height);
            if (longer > 2_048) (longer, shorter) = (2_048, Over(shorter * 2_048, longer));
            if (shorter > 768) (longer, shorter) = (Over(longer * 768, shorter), 768);
            return Math.Min(Over(longer, 512) * Over(shorter, 512), MostTiles);
        }
    }

    /// <summary>Patches of 32 × 32 pixels, up to a number to which a larger image is scaled down, times a multiplier.</summary>
    private sealed class PatchPicture(decimal multiplier, long most) : PictureRule
    {
        public override long AtMost(PictureSize? size, bool isLowDetail)
        {
            var patches = size is { } known ? Math.Min(Over(known.Width, 32) * Over(known.Height, 32), most) : most;
            return (long)decimal.Ceiling(patches * multiplier);
        }
    }

    /// <summary>
    /// Up to Gemini 2.5, 258 tokens if both sides are at most 384, otherwise for every tile: squares with a side of the shorter side
    /// divided by 1.5, from 256 to 768 pixels (https://ai.google.dev/gemini-api/docs/image-understanding#token-counting). Gemini 3: 1,120,
    /// or up to 2,240 at the highest resolution (https://ai.google.dev/gemini-api/docs/media-resolution).
    /// </summary>
    private sealed class GeminiPicture : PictureRule
    {
        private const long PerTile = 258;
        private const long LongestSide = 3_072;
        private const long MostTiles = 24;
        private const long HighestResolution = 2_240;

        /// <summary>258 up to Gemini 2.5; 560 and at most 1,120 in Gemini 3 (the same pages).</summary>
        public override long PerPage => 1_120;

        public override bool BillsTextOfPages => false;

        public override long AtMost(PictureSize? size, bool isLowDetail) =>
            Math.Max(HighestResolution, PerTile * (size is { } known ? Tiles(known) : MostTiles));

        private static long Tiles(PictureSize size)
        {
            long longer = Math.Max(size.Width, size.Height), shorter = Math.Min(size.Width, size.Height);
            if (longer <= 384) return 1;
            if (longer > LongestSide) (longer, shorter) = (LongestSide, Over(shorter * LongestSide, longer));
            var side = Math.Clamp(shorter * 2 / 3, 256, 768);
            return Math.Min(Over(longer, side) * Over(shorter, side), MostTiles);
        }
    }

    /// <summary>A family that is not known: as the dearest one, or a token for every 14 × 14 pixels, as in many open models.</summary>
    private sealed class AnyPicture : PictureRule
    {
        // More than any family counts for one image.
        private const long Most = 50_000;
        private static readonly TilePicture Dearest = new(2_833, 5_667);

        public override long AtMost(PictureSize? size, bool isLowDetail) => size is { } known
            ? Math.Min(Math.Max(Dearest.AtMost(known, isLowDetail: false), Over(known.Width, 14) * (Over(known.Height, 14) + 1)), Most)
            : Most;
    }
}
