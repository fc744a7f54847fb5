using AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

namespace AiPipe.Tests.Compatibility.OriginalAiPipe.Similarity;

/// <summary>Similarity against the formula, in lengths that do and do not fill the processor's registers.</summary>
public sealed class CosineTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(1536)]
    [InlineData(1537)]
    public void Similarity_is_the_dot_product_over_the_lengths(int dimensions)
    {
        var random = new Random(dimensions);
        var (a, b) = (Vector(random, dimensions), Vector(random, dimensions));
        var expected = Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

        Assert.True(Cosine.TryNormalize(a) && Cosine.TryNormalize(b));
        Assert.Equal(expected, Cosine.Similarity(a, b), tolerance: 1e-5);
        Assert.Equal(1, Cosine.Similarity(a, a), tolerance: 1e-5);
    }

    [Fact]
    public void Vector_without_direction_is_like_nothing()
    {
        float[] zero = [0, 0];
        Assert.True(Cosine.TryNormalize(zero));
        Assert.Equal(0, Cosine.Similarity(zero, zero));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Vector_of_what_is_no_number_is_refused(float value) => Assert.False(Cosine.TryNormalize([1, value]));

    private static float[] Vector(Random random, int dimensions) =>
        [.. Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f)];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
