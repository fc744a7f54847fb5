using System.Numerics;
using System.Runtime.InteropServices;

namespace AiPipe.Proxy.Compatibility.OriginalAiPipe.Similarity;

/// <summary>Cosine similarity of vectors, as the dot product of unit vectors.</summary>
internal static class Cosine
{
    /// <summary>Scales a vector to length one; <c>false</c> if it contains NaN or infinity. A zero vector stays zero.</summary>
    public static bool TryNormalize(Span<float> vector)
    {
        var length = MathF.Sqrt(Dot(vector, vector));
        if (!float.IsFinite(length)) return false;
        if (length == 0) return true;
        foreach (ref var value in vector) value /= length;
        return true;
    }

    public static double Similarity(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => Math.Clamp(Dot(a, b), -1f, 1f);

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var wideA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var wideB = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < wideA.Length; i++) sums += wideA[i] * wideB[i];
        var sum = Vector.Sum(sums);
        for (var i = wideA.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
